import type { LogRecord } from '#shared/log/event-log.ts';
import { recordedControl } from './recorded-control.ts';
import type { Recording } from './recording.ts';
import { RecordingError } from './replay-error.ts';
import type { TapeStores } from './tape-stores.ts';

/** Brings a recording to another log, record by record as they are, and the models of its switches along. */
export class RecordingCopy {
  readonly #recording: Recording;
  readonly #stores: Pick<TapeStores, 'log' | 'models'>;
  /** Where each partition of the copy stands. */
  readonly #next = new Map<number, bigint>();
  #isStopped = false;

  constructor(recording: Recording, stores: Pick<TapeStores, 'log' | 'models'>) {
    this.#recording = recording;
    this.#stores = stores;
  }

  /** Records that the copy holds. */
  get recordCount(): number {
    return Number([...this.#next.values()].reduce((sum, next) => sum + next, 0n));
  }

  /** No record is appended any more, once the running append has ended. */
  stop(): void {
    this.#isStopped = true;
  }

  /**
   * Goes on where the copy stands. @throws RecordingError `REPLAY_RECORDING` where a model is missing
   *
   * @param ends exclusive offset per partition
   */
  async upTo(ends: readonly bigint[]): Promise<void> {
    for (const [partition, end] of ends.entries()) await this.#partition(partition, end);
  }

  async #partition(partition: number, end: bigint): Promise<void> {
    const { log } = this.#stores;
    const { end: from } = await log.bounds('ticks', partition);
    this.#next.set(partition, from);
    for await (const records of this.#recording.log.read('ticks', partition, from, end)) {
      if (this.#isStopped) return;
      for (const record of records) await this.#fetchModel(partition, record);
      const values = records.map(({ value }) => value);
      const { first } = await log.append('ticks', partition, values);
      this.#next.set(partition, first + BigInt(values.length));
    }
  }

  /** Before the switch itself: a fold that finds its model missing waits for it, and here none would come. */
  async #fetchModel(partition: number, { offset, value }: LogRecord): Promise<void> {
    const control = recordedControl(value);
    if (control?.kind !== 'switch') return;
    const { name, models } = this.#recording;
    const { id, sha } = control;
    const bytes = await models.get(sha);
    if (bytes === null) {
      throw new RecordingError(
        `${name} must hold the model of switch ${id} at ticks/${partition}/${offset}, did not: ${sha}`,
        { name, partition, offset: `${offset}`, id, sha },
      );
    }
    await this.#stores.models.put(bytes);
  }
}
