import type { Clock } from '#shared/runtime/clock.ts';
import type { IngestConfig } from '../config.ts';
import type { FeedPosition } from './feed-position.ts';
import { fileSource } from './file-source.ts';
import { pacedSource } from './paced-source.ts';
import { simulatedSource } from './simulated-source.ts';
import type { TickSource } from './source.ts';

/** The source that the settings name. `resume`: where the log ends, null for a new one; files are read from their start. */
export function configuredSource(
  config: IngestConfig,
  clock: Clock,
  resume: FeedPosition | null,
): TickSource {
  if (config.source === 'file') {
    const { rowsPerSecond, ...file } = config.file;
    const source = fileSource(file);
    const after = resume === null ? null : { feedEpoch: resume.feedEpoch, seq: resume.lastSeq };
    return rowsPerSecond === 0 ? source : pacedSource(source, { clock, rowsPerSecond, after });
  }
  return simulatedSource({ clock, ...config.simulated, ...(resume === null ? {} : { resume }) });
}
