import { soloSettings } from '#services/solo/config.ts';
import type { ConfigOf } from '#shared/runtime/environment.ts';

/** A replay reads what `npm start` reads, so that one environment serves both; its flags say the rest. */
export const replaySettings = soloSettings;

export type ReplayConfig = ConfigOf<typeof replaySettings>;
