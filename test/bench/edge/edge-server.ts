import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { serveSettings } from '#services/serve/config.ts';
import { startServe } from '#services/serve/service.ts';
import { placedForecast, wireForecast } from '#services/serve/wire-forecast.ts';
import { decodeForecastPack } from '#shared/forecast/forecast-record.ts';
import { openMemoryLog } from '#shared/log/embedded/memory-log.ts';
import { readSettings } from '#shared/runtime/environment.ts';
import { eventLoopShare } from '#shared/runtime/event-loop-share.ts';
import { memoryLogger } from '#shared/runtime/memory-logger.ts';
import { memoryMetrics } from '#shared/runtime/memory-metrics.ts';
import { systemClock } from '#shared/runtime/system-clock.ts';
import type { EdgeCase, ServerAnswer, ServerOrder } from './edge-case.ts';

// The server's process: forked by edge-bench.ts, told what to be, sent packs of forecasts as a log would bring them, and marked
// at both ends of the measured stretch. Forecasts are made elsewhere.
const RECORDS_KEPT = 4_096;

let takePack: (bytes: Uint8Array) => void = () => {};

process.on('message', (order: ServerOrder) => {
  if (order.kind === 'mark') mark(order.isIdle);
  else if (order.kind === 'pack') takePack(order.bytes);
  else void start(order.what);
});
process.on('disconnect', () => process.exit(0));

async function start(what: EdgeCase): Promise<void> {
  const port = what.server === 'ours' ? await startOurs() : await startBare();
  answer({ kind: 'listening', port });
}

/** Memory is of interest where nothing else happens: elsewhere collecting would be measured. */
function mark(isIdle: boolean): void {
  if (isIdle) {
    globalThis.gc?.();
    globalThis.gc?.();
  }
  const { user, system } = process.cpuUsage();
  const { rss } = process.memoryUsage();
  answer({ kind: 'marked', cpuSeconds: (user + system) / 1e6, rssKib: rss / 1_024 });
}

/** The whole gateway, as its settings are by default, on a log in memory. */
async function startOurs(): Promise<number> {
  const log = openMemoryLog({ partitionCount: 1, retainRecords: RECORDS_KEPT });
  takePack = (bytes) => void log.append('forecasts', 0, [bytes]);
  const ports = { log, clock: systemClock(), logger: memoryLogger(), metrics: memoryMetrics() };
  const config = { ...readSettings(serveSettings, {}), port: 0, connections: 20_000 };
  const { port } = await startServe(
    { ...ports, readiness: () => true, busyShare: eventLoopShare() },
    config,
  );
  return port;
}

/** What anyone would write: one message per forecast and client; its text is made once. */
async function startBare(): Promise<number> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
  await once(server, 'listening');
  takePack = (bytes) => {
    for (const { src, prev, forecasts } of decodeForecastPack(bytes).entries) {
      const [forecast] = forecasts;
      const placed = placedForecast(forecast, { partition: 0, src, prev }, null);
      const text = JSON.stringify(wireForecast(placed, 0));
      for (const client of server.clients) client.send(text);
    }
  };
  return (server.address() as AddressInfo).port;
}

function answer(message: ServerAnswer): void {
  process.send?.(message);
}
