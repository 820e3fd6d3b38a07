import { savingEveryBatch } from '#services/predict/config.ts';
import { startPredict } from '#services/predict/service.ts';
import type { LogRecord } from '#shared/log/event-log.ts';
import { recordedControl } from './recorded-control.ts';
import type { Recording } from './recording.ts';
import { RecordingError } from './replay-error.ts';
import { firstTrouble, type TapePorts, type TapeRun } from './run-tape.ts';
import type { TapeStores } from './tape-stores.ts';

export interface RecordingRun {
  readonly recording: Recording;
  /** Exclusive offset in `ticks` per partition. */
  readonly ends: readonly bigint[];
  /** With as many partitions as the recording. */
  readonly stores: TapeStores;
  readonly ports: TapePorts;
  readonly predict: TapeRun['predict'];
  /** Told once, when records begin to flow. */
  readonly onFlowing?: (recordCount: () => number) => void;
  readonly signal?: AbortSignal;
}

/**
 * Brings the ticks of a recording, controls and all, to a log of its own, partition by partition in their order, and folds them
 * with the switches that are among them. Nothing is trained, so the forecasts are those of the run that was recorded. Goes on where
 * the stores are.
 *
 * @throws RecordingError `REPLAY_RECORDING`, what `predict` failed with, or the signal's reason
 */
export async function foldRecording(run: RecordingRun): Promise<void> {
  const { recording, ends, stores, ports, signal } = run;
  const { log, commit, models } = stores;
  const predict = await startPredict(
    { log, commit, models, ...ports },
    savingEveryBatch(run.predict),
    recording.settings,
  );
  const copy = new Copy(recording, stores);
  const trouble = firstTrouble([predict], signal);
  run.onFlowing?.(() => copy.recordCount);
  const copied = copy.upTo(ends);
  try {
    await Promise.race([copied, trouble]);
    await Promise.race([predict.waitFor(ends), trouble]);
  } finally {
    copy.stop();
    // Where it lost the race, what won it is thrown.
    await copied.catch(() => undefined);
    await predict.stop();
  }
}

class Copy {
  recordCount = 0;
  readonly #recording: Recording;
  readonly #stores: TapeStores;
  #isStopped = false;

  constructor(recording: Recording, stores: TapeStores) {
    this.#recording = recording;
    this.#stores = stores;
  }

  stop(): void {
    this.#isStopped = true;
  }

  async upTo(ends: readonly bigint[]): Promise<void> {
    for (const [partition, end] of ends.entries()) await this.#partition(partition, end);
  }

  async #partition(partition: number, end: bigint): Promise<void> {
    const { log } = this.#stores;
    const { end: from } = await log.bounds('ticks', partition);
    this.recordCount += Number(from);
    for await (const records of this.#recording.log.read('ticks', partition, from, end)) {
      if (this.#isStopped) return;
      for (const record of records) await this.#fetchModel(partition, record);
      await log.append(
        'ticks',
        partition,
        records.map(({ value }) => value),
      );
      this.recordCount += records.length;
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
