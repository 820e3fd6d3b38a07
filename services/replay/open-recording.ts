import type { RecordedInput } from './config.ts';
import { openRecordedFolder } from './recorded-folder.ts';
import type { Recording } from './recording.ts';

/** @throws LogMismatchError `LOG_MISMATCH`, RecordingError `REPLAY_RECORDING` */
export function openRecording(input: RecordedInput): Promise<Recording> {
  return openRecordedFolder(input.folder);
}
