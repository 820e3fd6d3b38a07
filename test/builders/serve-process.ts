import { createInterface } from 'node:readline';
import { type RunningServe, startServe } from '#services/serve/service.ts';
import { openMemoryLog } from '#shared/log/embedded/memory-log.ts';
import { memoryMetrics } from '#shared/runtime/memory-metrics.ts';
import { pinoLogger } from '#shared/runtime/pino-logger.ts';
import { systemClock } from '#shared/runtime/system-clock.ts';
import { virtualClock } from '#shared/runtime/virtual-clock.ts';
import { aServeConfig } from './a-serve-config.ts';
import { MovingMarket } from './moving-market.ts';
import { aToken, type TokenOptions } from './tokens.ts';

// A gateway in a process of its own, steered by lines on stdin and answering each with a line of JSON: for tests in other
// languages, and for those that look at the memory of the process.
//   step N         that many ticks of every symbol
//   restart        stop and start again on the same port, with the same log
//   renew          the same with a new log: another run
//   token JSON     a token (options of tokens.ts)
//   pass MS        so much time goes by, in a gateway whose time stands still otherwise: `"standsStill":true` among its settings
//   memory         resident bytes after a collection
//   prototype      names that every object has and none should

const { standsStill, ...over } = JSON.parse(process.argv[2] ?? '{}') as NonNullable<
  Parameters<typeof aServeConfig>[0]
> & { readonly standsStill?: boolean };
const standing = virtualClock(Date.now());
let log = openMemoryLog({ partitionCount: 2 });
let market = new MovingMarket({ log });
let server: RunningServe = await serve(0);

answer({ port: server.port, run: log.run });
for await (const line of createInterface({ input: process.stdin })) {
  const [word, ...rest] = line.split(' ');
  answer(await act(word, rest.join(' ')));
}
await server.stop();

async function act(word: string, rest: string): Promise<object> {
  if (word === 'step') return step(Number(rest));
  if (word === 'restart') return restart();
  if (word === 'renew') {
    log = openMemoryLog({ partitionCount: 2 });
    market = new MovingMarket({ log });
    return restart();
  }
  if (word === 'pass') {
    await standing.advance(Number(rest));
    return {};
  }
  if (word === 'prototype') return { names: Object.keys(Object.prototype) };
  if (word === 'token') return { token: await aToken(JSON.parse(rest) as TokenOptions) };
  globalThis.gc?.();
  const { rss: rssBytes, heapUsed: heapBytes, arrayBuffers } = process.memoryUsage();
  return { rssBytes, heapBytes, arrayBuffers };
}

async function step(count: number): Promise<object> {
  await market.step(count);
  return { origins: market.originsOf('sim:ALPHA') };
}

async function restart(): Promise<object> {
  const { port } = server;
  await server.stop();
  server = await serve(port);
  return { run: log.run };
}

function serve(port: number): Promise<RunningServe> {
  const logger = pinoLogger({ level: 'error', format: 'json' });
  const clock = standsStill === true ? standing : systemClock();
  const ports = { log, clock, logger, metrics: memoryMetrics() };
  return startServe({ ...ports, readiness: () => true }, aServeConfig({ ...over, port }));
}

function answer(value: object): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
