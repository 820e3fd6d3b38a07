import { FOLD_VERSION } from '#shared/forecast/forecaster.ts';
import type { ForecasterSettings } from '#shared/forecast/forecaster-settings.ts';
import type { EventLog } from '#shared/log/event-log.ts';
import type { ModelStore } from '#shared/state/model-store.ts';
import { RecordingError } from './replay-error.ts';

/** The log of a run as it stands, with what its forecasts depend on beside its records. Only read. */
export interface Recording {
  /** As it was asked for. */
  readonly name: string;
  readonly log: EventLog;
  readonly models: ModelStore;
  readonly settings: ForecasterSettings;
  close(): Promise<void>;
}

/**
 * The settings that a manifest pins.
 *
 * @throws RecordingError `REPLAY_RECORDING` where another build folded it, or it is no manifest of a run
 */
export function recordedSettings(
  manifest: Readonly<Record<string, unknown>>,
  name: string,
): ForecasterSettings {
  const { foldVersion, replay: _, ...settings } = manifest;
  if (foldVersion === FOLD_VERSION) return settings as unknown as ForecasterSettings;
  throw new RecordingError(
    `${name} must be of fold version ${FOLD_VERSION}, was of ${JSON.stringify(foldVersion) ?? 'none'}: this build would forecast otherwise than the run did`,
    { name, expected: FOLD_VERSION, found: foldVersion },
  );
}

/**
 * Exclusive offset in `ticks` at which each partition ends now.
 *
 * @throws RecordingError `REPLAY_RECORDING` where the first records are gone, or there are none
 */
export async function recordedEnds({ name, log }: Recording): Promise<readonly bigint[]> {
  const ends: bigint[] = [];
  for (let partition = 0; partition < log.partitionCount; partition++) {
    const { start, end } = await log.bounds('ticks', partition);
    if (start > 0n) {
      throw new RecordingError(
        `${name} must hold ticks/${partition} from its first record, began at ${start}: a fold needs all of them`,
        { name, partition, start: `${start}` },
      );
    }
    ends.push(end);
  }
  if (ends.some((end) => end > 0n)) return ends;
  throw new RecordingError(`${name} must hold ticks, was empty`, { name });
}
