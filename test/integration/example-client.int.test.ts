import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startServe } from '#services/serve/service.ts';
import { openMemoryLog } from '#shared/log/embedded/memory-log.ts';
import { memoryLogger } from '#shared/runtime/memory-logger.ts';
import { memoryMetrics } from '#shared/runtime/memory-metrics.ts';
import { systemClock } from '#shared/runtime/system-clock.ts';
import { aServeConfig } from '#test/builders/a-serve-config.ts';
import { Heard } from '#test/builders/heard.ts';
import { MovingMarket } from '#test/builders/moving-market.ts';

const EXAMPLE = join(import.meta.dirname, '../../docs/examples/02-client.ts');

test('the example client of the documentation prints forecasts, and ends cleanly on SIGINT', async () => {
  const log = openMemoryLog({ partitionCount: 2 });
  const market = new MovingMarket({ log });
  await market.step(3);
  const ports = { log, clock: systemClock(), logger: memoryLogger(), metrics: memoryMetrics() };
  const server = await startServe({ ...ports, readiness: () => true }, aServeConfig());
  const child = spawn(process.execPath, [EXAMPLE, `ws://127.0.0.1:${server.port}/v1/stream`]);
  const heard = new Heard<string>();
  child.stderr.on('data', (data) => heard.push(String(data)));
  child.stdout.on('data', (data) => heard.push(String(data)));
  await heard.until((all) => all.join('').includes('connected'), 'the connection');
  await market.step(3);
  const line = /sim:BETA 40\d\.\d+, 80 % in 1: \d+\.\d+ to \d+\.\d+/;
  await heard.until((all) => line.test(all.join('')), 'a forecast');
  child.kill('SIGINT');
  expect(await once(child, 'exit')).toEqual([0, null]);
  await server.stop();
  await log.close();
});
