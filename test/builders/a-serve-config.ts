import { type ServeConfig, serveSettings } from '#services/serve/config.ts';
import { readSettings } from '#shared/runtime/environment.ts';

/** The defaults on a free port, unless said otherwise. */
export function aServeConfig(over: Partial<ServeConfig> = {}): ServeConfig {
  return { ...readSettings(serveSettings, {}), port: 0, ...over };
}
