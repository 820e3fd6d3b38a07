import { readEnvironment } from '#shared/log/embedded/embedded-environment.ts';
import { openEmbeddedLog } from '#shared/log/embedded/embedded-log.ts';
import { openEmbeddedModelStore } from '#shared/state/embedded/embedded-store.ts';
import { type Recording, recordedSettings } from './recording.ts';

/**
 * The data folder of `npm start`, or the work folder of a replay, as it stands; its process may go on.
 *
 * @throws LogMismatchError `LOG_MISMATCH`, RecordingError `REPLAY_RECORDING`
 */
export async function openRecordedFolder(folder: string): Promise<Recording> {
  const environment = await readEnvironment(folder);
  try {
    const settings = recordedSettings(environment.settings, folder);
    const log = openEmbeddedLog(environment);
    const models = openEmbeddedModelStore(environment);
    return { name: folder, log, models, settings, close: () => log.close() };
  } catch (error) {
    await environment.close();
    throw error;
  }
}
