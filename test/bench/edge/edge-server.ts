import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { serveSettings } from '#services/serve/config.ts';
import { startServe } from '#services/serve/service.ts';
import { wireForecast } from '#services/serve/wire-forecast.ts';
import { encodeForecastPack } from '#shared/forecast/forecast-record.ts';
import { openMemoryLog } from '#shared/log/embedded/memory-log.ts';
import { readSettings } from '#shared/runtime/environment.ts';
import { memoryLogger } from '#shared/runtime/memory-logger.ts';
import { memoryMetrics } from '#shared/runtime/memory-metrics.ts';
import { systemClock } from '#shared/runtime/system-clock.ts';
import type { EdgeCase, ServerAnswer } from './edge-case.ts';
import { SymbolMarket, writeMarket } from './symbol-market.ts';

// The server's process: forked by edge-bench.ts, told what to be, marked at both ends of the measured stretch.
const NEVER = new AbortController().signal;

process.on('message', (message: EdgeCase | 'mark') => {
  if (message === 'mark') mark();
  else void start(message);
});
process.on('disconnect', () => process.exit(0));

async function start(what: EdgeCase): Promise<void> {
  const port = what.server === 'ours' ? await startOurs(what) : await startBare(what);
  answer({ kind: 'listening', port });
}

function mark(): void {
  globalThis.gc?.();
  globalThis.gc?.();
  const { user, system } = process.cpuUsage();
  const { rss } = process.memoryUsage();
  answer({ kind: 'marked', cpuSeconds: (user + system) / 1e6, rssKib: rss / 1_024 });
}

/** The whole gateway on a log in memory; who writes the log is in the same process, and counted. */
async function startOurs(what: EdgeCase): Promise<number> {
  const log = openMemoryLog({ partitionCount: 1 });
  const market = new SymbolMarket(what);
  await log.append('forecasts', 0, [encodeForecastPack(market.first())]);
  const ports = { log, clock: systemClock(), logger: memoryLogger(), metrics: memoryMetrics() };
  const config = { ...readSettings(serveSettings, {}), port: 0, connections: 20_000 };
  const { port } = await startServe({ ...ports, readiness: () => true }, config);
  if (what.isIdle !== true) void writeMarket(log, market, NEVER);
  return port;
}

/** What anyone would write: one message per forecast and client; its text is made once. */
async function startBare(what: EdgeCase): Promise<number> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
  await once(server, 'listening');
  const market = new SymbolMarket(what);
  market.first();
  const send = (text: string) => {
    for (const client of server.clients) client.send(text);
  };
  if (what.isIdle !== true) {
    void market.run(NEVER, ({ entries }) => {
      for (const { src, prev, forecasts } of entries) {
        const placed = {
          forecast: forecasts[0],
          partition: 0,
          src,
          prev,
          score: null,
          json: null,
          packed: null,
        };
        send(JSON.stringify(wireForecast(placed, 0)));
      }
    });
  }
  return (server.address() as AddressInfo).port;
}

function answer(message: ServerAnswer): void {
  process.send?.(message);
}
