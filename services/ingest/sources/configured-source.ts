import type { Clock } from '#shared/runtime/clock.ts';
import type { IngestConfig } from '../config.ts';
import { fileSource } from './file-source.ts';
import { type SimulatedResume, simulatedSource } from './simulated-source.ts';
import type { TickSource } from './source.ts';

/** The source that the settings name. `resume`: where the log ends, null for a new one; files are read from their start. */
export function configuredSource(
  config: IngestConfig,
  clock: Clock,
  resume: SimulatedResume | null,
): TickSource {
  if (config.source === 'file') return fileSource(config.file);
  return simulatedSource({ clock, ...config.simulated, ...(resume === null ? {} : { resume }) });
}
