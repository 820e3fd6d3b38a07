import type { EventLog, LogBatch, Reading } from '#shared/log/event-log.ts';
import { openKafkaLog } from '#shared/log/kafka/kafka-log.ts';
import { BatchAnswers } from './batch-answers.ts';
import type { Contender, Place } from './contender.ts';
import type { MadeForecasts } from './made-forecasts.ts';

/** What our pipeline must do at least: it reads and appends as the pipeline does, by our own adapter, without a model. */
export async function passThrough(place: Place, made: MadeForecasts): Promise<Contender> {
  return new PassThrough(await openKafkaLog(place), place, made);
}

class PassThrough implements Contender {
  readonly #log: EventLog;
  readonly #answers: BatchAnswers;
  #reading: Reading | null = null;
  #onFirstBatch = (): void => undefined;

  constructor(log: EventLog, place: Place, made: MadeForecasts) {
    this.#log = log;
    this.#answers = new BatchAnswers(place, made, (partition, record) =>
      log.append('forecasts', partition, [record]),
    );
  }

  async start(onFirstBatch: () => void): Promise<void> {
    this.#onFirstBatch = onFirstBatch;
    this.#reading = await this.#log.subscribe({
      topic: 'ticks',
      group: 'predict',
      onAssigned: async (partition) => this.#answers.positions[partition],
      onBatch: (batch) => this.#take(batch),
      onRevoked: () => undefined,
    });
  }

  reached(ends: readonly bigint[]): Promise<void> {
    return this.#answers.reached(ends, this.#reading?.done);
  }

  async stop(): Promise<void> {
    await this.#reading?.stop();
  }

  async close(): Promise<void> {
    await this.#answers.close();
    await this.#log.close();
  }

  async #take({ partition, records }: LogBatch): Promise<void> {
    this.#onFirstBatch();
    const next = records[records.length - 1].offset + 1n;
    await this.#answers.take({ partition, first: records[0].offset, next });
  }
}
