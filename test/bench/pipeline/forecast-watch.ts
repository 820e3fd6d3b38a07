import { decodeForecastPack } from '#shared/forecast/forecast-record.ts';
import type { EventLog, LogBatch, Reading } from '#shared/log/event-log.ts';
import { type ContenderName, PASS_THROUGHS } from './contender.ts';

/** Sees every tick's answer as a reader of `forecasts` does. */
export class ForecastWatch {
  readonly #isPassThrough: boolean;
  readonly #onAnswer: (partition: number, src: bigint) => void;
  #reading: Reading | null = null;

  constructor(name: ContenderName, onAnswer: (partition: number, src: bigint) => void) {
    this.#isPassThrough = PASS_THROUGHS.some((one) => one === name);
    this.#onAnswer = onAnswer;
  }

  async start(log: EventLog): Promise<void> {
    const partitions = Array.from({ length: log.partitionCount }, (_, partition) => partition);
    const ends = await Promise.all(partitions.map((p) => log.bounds('forecasts', p)));
    this.#reading = await log.follow({
      topic: 'forecasts',
      startAt: (partition) => ends[partition].end,
      onBatch: async (batch) => this.#take(batch),
    });
  }

  async stop(): Promise<void> {
    await this.#reading?.stop();
  }

  #take({ partition, records }: LogBatch): void {
    for (const { value } of records) {
      for (const src of this.#answered(value)) this.#onAnswer(partition, src);
    }
  }

  /** A pass-through says in front which ticks it answers. */
  *#answered(record: Uint8Array): Generator<bigint> {
    if (!this.#isPassThrough) {
      for (const { src } of decodeForecastPack(record).entries) yield src;
      return;
    }
    const view = new DataView(record.buffer, record.byteOffset, record.byteLength);
    const next = view.getBigUint64(8, true);
    for (let src = view.getBigUint64(0, true); src < next; src += 1n) yield src;
  }
}
