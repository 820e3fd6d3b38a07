import type { RecordedTape } from '../recorded-tape.ts';
import type { BenchBrokers } from './bench-brokers.ts';
import { childrenTimeMs } from './children-time-ms.ts';
import { CONTENDERS, type ContenderName, type Drained } from './contender.ts';
import { ContenderProcess } from './contender-process.ts';
import { TickWriter } from './tick-writer.ts';

export interface ThroughputOptions {
  readonly rounds: number;
  /** Ticks of a turn. */
  readonly tickCount: number;
}

export interface Throughput {
  readonly name: ContenderName;
  /** Ticks per second, one number a round. */
  readonly rates: readonly number[];
  /** Microseconds of processor time per tick, of its process and the brokers together, one a round; empty where it cannot be told. */
  readonly processorMicros: readonly number[];
  /** Share of time by part, from a turn of its own. */
  readonly shares: ReadonlyMap<string, number>;
}

/** V8 still compiles in the first ones, kafkajs' code longest. */
const WARM_UP_TURNS = 3;

/**
 * Everyone drains the same ticks from topics of their own, in turns. A turn begins with a backlog in the log, and the group joined
 * before the clock runs. The first turns are warm-up; the last one is profiled and not timed.
 */
export async function measureThroughput(
  brokers: BenchBrokers,
  tape: RecordedTape,
  { rounds, tickCount }: ThroughputOptions,
  say: (line: string) => void,
): Promise<readonly Throughput[]> {
  const lanes: Lane[] = [];
  for (const name of CONTENDERS) lanes.push(await Lane.open(name, brokers, tape));
  for (let turn = 0; turn < WARM_UP_TURNS; turn += 1) {
    for (const lane of lanes) await lane.turn(tickCount, false);
  }
  for (let round = 0; round < rounds; round += 1) {
    for (const lane of round % 2 === 0 ? lanes : lanes.toReversed()) {
      say(`${lane.name}: ${Math.round(await lane.timedTurn(tickCount))} ticks/s`);
    }
  }
  const results: Throughput[] = [];
  for (const lane of lanes) {
    const { parts } = await lane.turn(tickCount, true);
    results.push({ ...lane.timings, shares: sharesOf(parts) });
  }
  for (const lane of lanes) await lane.close();
  return results;
}

/** One contender with its topics. */
class Lane {
  readonly name: ContenderName;
  readonly #contender: ContenderProcess;
  readonly #writer: TickWriter;
  readonly #rates: number[] = [];
  readonly #processorMicros: number[] = [];

  private constructor(contender: ContenderProcess, writer: TickWriter) {
    this.name = contender.name;
    this.#contender = contender;
    this.#writer = writer;
  }

  static async open(name: ContenderName, brokers: BenchBrokers, tape: RecordedTape): Promise<Lane> {
    const place = brokers.place();
    const writer = await TickWriter.open(place, tape);
    return new Lane(await ContenderProcess.open(name, place), writer);
  }

  get timings(): Omit<Throughput, 'shares'> {
    return { name: this.name, rates: this.#rates, processorMicros: this.#processorMicros };
  }

  async turn(tickCount: number, isProfiled: boolean): Promise<Drained> {
    await this.#writer.write(tickCount);
    return this.#contender.drain(this.#writer.ends, isProfiled);
  }

  /** @returns ticks per second */
  async timedTurn(tickCount: number): Promise<number> {
    await this.#writer.write(tickCount);
    const before = childrenTimeMs();
    const { ms } = await this.#contender.drain(this.#writer.ends, false);
    const after = childrenTimeMs();
    const rate = (tickCount / ms) * 1e3;
    this.#rates.push(rate);
    if (before !== null && after !== null) {
      this.#processorMicros.push(((after - before) / tickCount) * 1e3);
    }
    return rate;
  }

  async close(): Promise<void> {
    await this.#contender.end();
    await this.#writer.log.close();
  }
}

function sharesOf(parts: Drained['parts']): ReadonlyMap<string, number> {
  const whole = parts.reduce((sum, [, ns]) => sum + ns, 0);
  return new Map(parts.map(([name, ns]) => [name, ns / whole]));
}
