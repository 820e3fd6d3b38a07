import { setTimeout as sleep } from 'node:timers/promises';
import { decodeModelEvent } from '#shared/forecast/model-event-record.ts';
import type { EventLog } from '#shared/log/event-log.ts';
import type { RecordedTape } from '../recorded-tape.ts';
import type { BenchBrokers } from './bench-brokers.ts';
import { ContenderProcess } from './contender-process.ts';
import { ForecastWatch } from './forecast-watch.ts';
import { TickWriter } from './tick-writer.ts';

const WRITE_TICKS = 2_000;
/** Ticks that may wait in the log: enough that nobody starves, few enough that training sees them as they come. */
const AHEAD = 20_000;

export interface Training {
  readonly ticksPerSecond: number;
  readonly retrainCount: number;
}

/** Forecasts while new weights are trained, both in one process of two threads, ticks coming as fast as they are forecast. */
export async function measureTraining(
  brokers: BenchBrokers,
  tape: RecordedTape,
  tickCount: number,
): Promise<Training> {
  const place = brokers.place();
  const writer = await TickWriter.open(place, tape);
  const contender = await ContenderProcess.open('lstm, training', place);
  let answered = 0;
  const watch = new ForecastWatch(contender.name, () => {
    answered += 1;
  });
  await contender.start();
  await watch.start(writer.log);
  const run = async (count: number): Promise<number> => {
    const [from, goal] = [performance.now(), answered + count];
    let written = answered;
    while (answered < goal) {
      if (written < goal && written - answered < AHEAD) {
        await writer.write(WRITE_TICKS);
        written += WRITE_TICKS;
      } else {
        await sleep(1);
      }
    }
    return performance.now() - from;
  };
  await run(tickCount / 4);
  const before = await retrainsOf(writer.log);
  const ms = await run(tickCount);
  const retrainCount = (await retrainsOf(writer.log)) - before;
  await watch.stop();
  await contender.end();
  await writer.log.close();
  return { ticksPerSecond: (tickCount / ms) * 1e3, retrainCount };
}

async function retrainsOf(log: EventLog): Promise<number> {
  const { start, end } = await log.bounds('models', 0);
  let count = 0;
  for await (const page of log.read('models', 0, start, end)) {
    count += page.filter(({ value }) => decodeModelEvent(value).event !== 'boundary').length;
  }
  return count;
}
