import type { EventLog } from '#shared/log/event-log.ts';
import type { Clock } from '#shared/runtime/clock.ts';
import type { RunningService } from '#shared/runtime/lifecycle.ts';
import type { Logger } from '#shared/runtime/logger.ts';
import type { Metrics } from '#shared/runtime/metrics.ts';
import type { ServeConfig } from './config.ts';

export interface ServePorts {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Whether the other services of the process are ready. */
  readonly readiness: () => boolean;
}

export interface RunningServe extends RunningService {
  readonly port: number;
}

export async function startServe(ports: ServePorts, config: ServeConfig): Promise<RunningServe> {
  throw new Error(`not yet: ${config.port} ${ports.log.run}`);
}
