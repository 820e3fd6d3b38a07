import { onTestFinished } from 'vitest';
import type { ServeConfig } from '#services/serve/config.ts';
import { type RunningServe, startServe } from '#services/serve/service.ts';
import { openMemoryLog } from '#shared/log/embedded/memory-log.ts';
import type { EventLog } from '#shared/log/event-log.ts';
import type { Clock } from '#shared/runtime/clock.ts';
import { memoryLogger } from '#shared/runtime/memory-logger.ts';
import { memoryMetrics } from '#shared/runtime/memory-metrics.ts';
import { systemClock } from '#shared/runtime/system-clock.ts';
import { aServeConfig } from './a-serve-config.ts';
import { MovingMarket, type MovingMarketOptions } from './moving-market.ts';

export interface GatewayOptions {
  /** Absent: a new one, of two partitions. */
  readonly log?: EventLog;
  readonly market?: Omit<MovingMarketOptions, 'log'>;
  /** Ticks of every symbol before it starts. */
  readonly steps?: number;
  readonly config?: Partial<ServeConfig>;
  readonly clock?: Clock;
  readonly readiness?: () => boolean;
}

export interface Gateway {
  readonly log: EventLog;
  readonly market: MovingMarket;
  readonly server: RunningServe;
  readonly logger: ReturnType<typeof memoryLogger>;
  readonly metrics: ReturnType<typeof memoryMetrics>;
  /** `http://127.0.0.1:port` */
  readonly url: string;
  readonly streamUrl: string;
  /** Ends the log, too. */
  stop(): Promise<void>;
}

/** A gateway of this process, on a log in memory and a market that moves when it is told to; to be stopped. */
export async function startGateway(options: GatewayOptions = {}): Promise<Gateway> {
  const { log = openMemoryLog({ partitionCount: 2 }), steps = 0, config } = options;
  const { clock = systemClock(), readiness = () => true } = options;
  const market = new MovingMarket({ log, ...options.market });
  await market.step(steps);
  const [logger, metrics] = [memoryLogger(), memoryMetrics()];
  const ports = { log, clock, logger, metrics, readiness };
  const server = await startServe(ports, aServeConfig(config));
  const stop = async (): Promise<void> => {
    await server.stop();
    await log.close();
  };
  const host = `127.0.0.1:${server.port}`;
  const urls = { url: `http://${host}`, streamUrl: `ws://${host}/v1/stream` };
  return { log, market, server, logger, metrics, ...urls, stop };
}

/** The same, stopped when the test has ended. */
export async function aGateway(options?: GatewayOptions): Promise<Gateway> {
  const gateway = await startGateway(options);
  onTestFinished(gateway.stop);
  return gateway;
}
