import { savingEveryBatch } from '#services/predict/config.ts';
import { startPredict } from '#services/predict/service.ts';
import type { Recording } from './recording.ts';
import { RecordingCopy } from './recording-copy.ts';
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
  const copy = new RecordingCopy(recording, stores);
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
