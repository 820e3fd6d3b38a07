import type { RecordedInput, ReplayConfig } from './config.ts';
import { openRecordedFolder } from './recorded-folder.ts';
import { openRecordedTopics } from './recorded-topics.ts';
import type { Recording } from './recording.ts';

/** @throws what opening the folder or the topics throws, RecordingError `REPLAY_RECORDING` */
export function openRecording(input: RecordedInput, config: ReplayConfig): Promise<Recording> {
  if (input.kind === 'log') return openRecordedFolder(input.folder);
  return openRecordedTopics(input.prefix, config);
}
