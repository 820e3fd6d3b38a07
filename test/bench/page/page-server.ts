import { setTimeout as sleep } from 'node:timers/promises';
import { serveSettings } from '#services/serve/config.ts';
import { startServe } from '#services/serve/service.ts';
import { openMemoryLog } from '#shared/log/embedded/memory-log.ts';
import { readSettings } from '#shared/runtime/environment.ts';
import { eventLoopShare } from '#shared/runtime/event-loop-share.ts';
import { memoryLogger } from '#shared/runtime/memory-logger.ts';
import { memoryMetrics } from '#shared/runtime/memory-metrics.ts';
import { systemClock } from '#shared/runtime/system-clock.ts';
import { MovingMarket } from '#test/builders/moving-market.ts';

// The gateway's process: forked by page-bench.ts, tells its port once every symbol has its first forecast, and goes on with a market
// in which symbols tick in turn, until it is let go.
const SYMBOLS = 10_000;
const TICKS_PER_SECOND = 2_000;
const STEP_MS = 20;
const RECORDS_KEPT = 65_536;

process.on('disconnect', () => process.exit(0));

const symbols = Array.from({ length: SYMBOLS }, (_, k) => `bench:S${`${k}`.padStart(5, '0')}`);
const log = openMemoryLog({ partitionCount: 4, retainRecords: RECORDS_KEPT });
const market = new MovingMarket({ log, symbols });
await market.step();
const ports = { log, clock: systemClock(), logger: memoryLogger(), metrics: memoryMetrics() };
const { port } = await startServe(
  { ...ports, readiness: () => true, busyShare: eventLoopShare() },
  { ...readSettings(serveSettings, {}), port: 0 },
);
process.send?.({ kind: 'listening', port });

const startMs = performance.now();
for (let made = 0; ; ) {
  await sleep(STEP_MS);
  const due = Math.floor(((performance.now() - startMs) / 1_000) * TICKS_PER_SECOND) - made;
  const ticking = Array.from({ length: due }, (_, k) => symbols[(made + k) % SYMBOLS]);
  await market.stepOnly(ticking);
  made += due;
}
