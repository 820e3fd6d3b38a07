import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { EventLog, Reading } from '#shared/log/event-log.ts';
import type { Clock } from '#shared/runtime/clock.ts';
import type { RunningService } from '#shared/runtime/lifecycle.ts';
import type { Logger } from '#shared/runtime/logger.ts';
import type { Metrics } from '#shared/runtime/metrics.ts';
import type { Limits } from '#shared/wire/message.ts';
import { tokenVerifierOf } from './access/token-keys.ts';
import type { ServeConfig } from './config.ts';
import { type FeedFromLogOptions, followFeed, loadFeed } from './feed-from-log.ts';
import { flushPace, STRAIN_MS, untilNextFlushMs } from './flush-pace.ts';
import { httpServer } from './http-server.ts';
import { LiveFeed } from './live-feed.ts';
import { isLoopback } from './loopback.ts';
import { ServeAddressError, ServeHostError } from './serve-errors.ts';
import { SocketServer } from './socket-server.ts';

export interface ServePorts {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Whether the other services of the process are ready. */
  readonly readiness: () => boolean;
  /** How much of the time since the last call the process was busy; absent: frames never grow for want of time. */
  readonly busyShare?: () => number;
}

export interface RunningServe extends RunningService {
  /** The port that is listened on; differs from the setting when that is 0. */
  readonly port: number;
}

const MESSAGE_BYTES = 64 * 1024;
const FRAGMENTS = 64;
/** Connections that wait to be taken, as after a restart, when all come at once: who finds no room tries again after 1, 3, 7 s. */
const BACKLOG = 4_096;

/**
 * Forecasts, ticks, scores and model events from the log to browsers and programs. Ready once a forecast came in.
 * @throws ServeHostError `SERVE_HOST`, ServeAddressError `SERVE_ADDRESS`, TokenKeysError `SERVE_TOKEN_KEYS`
 */
export async function startServe(ports: ServePorts, config: ServeConfig): Promise<RunningServe> {
  const { log, clock, logger, metrics } = ports;
  const verifier = await tokenVerifierOf(config, () => clock.nowMs());
  if (verifier === null) requireLoopback(config);
  const startMs = Math.round(clock.nowMs());
  const { run, partitionCount } = log;
  const pace = flushPace(config.flushMs);
  const feed = new LiveFeed({ run, partitionCount, startMs, pace, ...config });
  const flow = forecastFlow(ports, feed, config);
  const ends = await loadFeed(flow.options);
  const isReady = () => flow.entryCount() > 0 && ports.readiness();
  const http = await httpServer({
    ...{ feed, logger, verifier, isReady },
    nowMs: () => clock.nowMs(),
    allowedHosts: config.allowedHosts,
    mostConnections: config.connections + config.httpConnections,
    metricsText: () => metrics.text(),
  });
  const sockets = new SocketServer({
    ...{ feed, clock, logger, metrics, verifier },
    limits: limitsOf(config),
    heartbeatMs: config.heartbeatMs,
    flushMs: config.flushMs,
    allowedHosts: config.allowedHosts,
  });
  const cuts = metrics.counter('foretick_serve_cut_connections_total', 'Cut: there were too many');
  http.on('drop', () => cuts.add(1));
  http.on('upgrade', (request, socket, head) => sockets.upgrade(request, socket, head));
  const port = await listen(http, config);
  logger.info('serving', { url: `http://${config.host}:${port}/` });
  const readings = await followFeed(flow.options, ends);
  const beats = keepTime(ports, config, feed, sockets);
  return running({ port, isReady, http, sockets, readings, beats });
}

interface Parts {
  readonly port: number;
  readonly isReady: () => boolean;
  readonly http: Server;
  readonly sockets: SocketServer;
  readonly readings: readonly Reading[];
  readonly beats: Beats;
}

function running({ port, isReady, http, sockets, readings, beats }: Parts): RunningServe {
  const stopAll = async (): Promise<void> => {
    beats.abort();
    await Promise.all(readings.map((reading) => reading.stop()));
    await sockets.stop();
    http.closeAllConnections();
    if (http.listening) {
      http.close();
      await once(http, 'close');
    }
  };
  let stopping: Promise<void> | null = null;
  const stop = () => (stopping ??= stopAll());
  const failed = Promise.all([...readings.map((reading) => reading.done), beats.done]);
  const done = failed.then(stop, async (error: unknown) => {
    await stop();
    throw error;
  });
  // Who awaits `done` hears of a failure; nobody has to.
  done.catch(() => {});
  return { name: 'serve', port, isReady, done, stop };
}

function forecastFlow(
  { log, clock, logger, metrics }: ServePorts,
  feed: LiveFeed,
  { ringEntries }: ServeConfig,
): { readonly options: FeedFromLogOptions; readonly entryCount: () => number } {
  const entries = metrics.counter('foretick_serve_entries_total', 'Forecast entries taken');
  const gaps = metrics.counter('foretick_serve_gaps_total', 'Forecast entries that were missing');
  let entryCount = 0;
  let gapCount = 0;
  const onForecasts = (taken: number): void => {
    entryCount += taken;
    entries.add(taken);
    if (feed.rings.gapCount === gapCount) return;
    gaps.add(feed.rings.gapCount - gapCount);
    gapCount = feed.rings.gapCount;
    logger.error('forecast entries were missing', { gapCount });
  };
  const nowMs = () => Math.round(clock.nowMs());
  return {
    options: { log, feed, ringEntries, nowMs, onForecasts },
    entryCount: () => entryCount,
  };
}

type Act = (nowMs: number) => void;

interface Beats {
  readonly abort: () => void;
  readonly done: Promise<unknown>;
}

function keepTime(
  { clock, busyShare }: ServePorts,
  { flushMs, heartbeatMs }: ServeConfig,
  feed: LiveFeed,
  sockets: SocketServer,
): Beats {
  const stop = new AbortController();
  const every = async (ms: number | (() => number), act: Act): Promise<void> => {
    for (;;) {
      await clock.sleep(typeof ms === 'number' ? ms : ms(), stop.signal);
      if (stop.signal.aborted) return;
      act(Math.round(clock.nowMs()));
    }
  };
  const pace = flushPace(flushMs);
  let dueMs = 0;
  const untilFlush = (): number => {
    const nowMs = clock.nowMs();
    const waitMs = untilNextFlushMs(pace, nowMs);
    dueMs = nowMs + waitMs;
    return waitMs;
  };
  const flushes = every(untilFlush, (nowMs) => {
    feed.flush(nowMs, Math.max(0, Math.round(nowMs - dueMs)));
  });
  const strains = every(STRAIN_MS, () => feed.forecasts.strain(busyShare?.() ?? 0));
  const paces = every(flushMs, (nowMs) => sockets.checkPaces(nowMs));
  const heartbeats = every(heartbeatMs, () => sockets.heartbeat());
  return { abort: () => stop.abort(), done: Promise.all([flushes, strains, paces, heartbeats]) };
}

async function listen(http: Server, { host, port }: ServeConfig): Promise<number> {
  http.listen({ port, host, backlog: BACKLOG });
  try {
    await once(http, 'listening');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const why = code === 'EADDRINUSE' ? 'another process has it' : String(error);
    throw new ServeAddressError(
      `port ${port} of ${host} must be free, ${why}; end that process or set FORETICK_PORT`,
      { host, port },
      error,
    );
  }
  return (http.address() as AddressInfo).port;
}

function requireLoopback({ host, publishedOnLoopback }: ServeConfig): void {
  if (isLoopback(host) || publishedOnLoopback) return;
  throw new ServeHostError(
    `FORETICK_HOST must be a loopback address (127.0.0.1, ::1, localhost) unless tokens are asked for (FORETICK_AUTH_SECRET, FORETICK_AUTH_KEYS), was ${host}; in a container whose port is published on 127.0.0.1 only, say so with FORETICK_PUBLISHED_ON_LOOPBACK`,
    { host },
  );
}

function limitsOf(config: ServeConfig): Limits {
  const { requestsPerSecond, connections, bufferedBytes, slowMs } = config;
  const { symbolsPerSubscription, patternsPerSubscription } = config;
  return {
    messageBytes: MESSAGE_BYTES,
    fragments: FRAGMENTS,
    ...{ requestsPerSecond, symbolsPerSubscription, patternsPerSubscription },
    ...{ connections, bufferedBytes, slowMs },
  };
}
