import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientsAnswer, EdgeCase, EdgeResult, ServerAnswer } from './edge-case.ts';

/**
 * Rates leave every process below a core: queues would measure the queue. Quick: a tenth of the clients and of the symbols with
 * readers of their own, so that each forecast still has twenty readers.
 */
export function edgeCases(isQuick: boolean): readonly EdgeCase[] {
  const scale = isQuick ? 0.1 : 1;
  const clients = 1_000 * scale;
  const seconds = isQuick ? 3 : 5;
  const shared = { server: 'ours', clients, seconds, symbolCount: 100, perSecond: 1_000 } as const;
  const bare = { server: 'bare', clients, seconds, symbolCount: 100 } as const;
  return [
    { ...bare, name: BARE, perSecond: isQuick ? 100 : 40 },
    { ...shared, name: 'the same 100 symbols', clients: clients / 4 },
    { ...shared, name: DEFLATED, deflate: true },
    {
      ...{ name: OWN, server: 'ours', clients, seconds, ownSymbols: 20 },
      ...{ symbolCount: 1_000 * scale, perSecond: 10_000 * scale },
    },
    { ...shared, name: NONE_STALLED, deflate: true },
    { ...shared, name: STALLED, stalled: 0.01, deflate: true },
    idle(IDLE_BARE, 'bare', 10_000 * scale),
    idle(IDLE, 'ours', 10_000 * scale),
  ];
}

function idle(name: string, server: 'ours' | 'bare', clients: number): EdgeCase {
  return { name, server, clients, symbolCount: 10, perSecond: 0, seconds: 2, isIdle: true };
}

const BARE = 'bare ws loop, a message per forecast';
const DEFLATED = 'the same 100 symbols, deflated';
const OWN = 'own 20 symbols each';
const NONE_STALLED = 'no client stalled';
const STALLED = 'one client in a hundred stalled';
const IDLE_BARE = 'idle connections, bare ws';
const IDLE = 'idle connections, ours';

/** What the figures are held against: two by ratio in the same run, one by number. */
export function edgeGoals(results: ReadonlyMap<string, EdgeResult>): readonly string[] {
  const of = (name: string) => results.get(name);
  const ratio = (name: string) => (of(name)?.perCpuSecond ?? 0) / (of(BARE)?.perCpuSecond ?? 1);
  const slower = (of(STALLED)?.ageMs.p99 ?? 0) / (of(NONE_STALLED)?.ageMs.p99 ?? 1);
  const kib = of(IDLE)?.kibPerClient ?? Number.NaN;
  return [
    goal('same symbols, of the bare loop', ratio(DEFLATED), 'at least', 40),
    goal('own symbols, of the bare loop', ratio(OWN), 'at least', 5),
    goal('p99 of readers beside stalled ones', slower, 'at most', 1.2),
    goal('KiB of memory per idle client', kib, 'at most', 10),
  ];
}

function goal(what: string, was: number, sense: 'at least' | 'at most', bound: number): string {
  const isMet = sense === 'at least' ? was >= bound : was <= bound;
  return `| ${what} | ${sense} ${bound} | ${was.toFixed(2)} | ${isMet ? 'met' : 'missed'} |`;
}

const here = (name: string) => join(import.meta.dirname, name);
const WARM_MS = 1_500;

/** One case in two fresh processes. */
export async function runEdgeCase(what: EdgeCase): Promise<EdgeResult> {
  const server = fork(here('edge-server.ts'), { execArgv: ['--expose-gc'] });
  const clients = fork(here('edge-clients.ts'));
  try {
    server.send(what);
    const { port } = await answerOf<ServerAnswer, 'listening'>(server, 'listening');
    const before = await markServer(server);
    clients.send({ kind: 'connect', port, what });
    await answerOf<ClientsAnswer, 'connected'>(clients, 'connected');
    await sleep(WARM_MS);
    const start = await markBoth(server, clients);
    const startMs = performance.now();
    await sleep(what.seconds * 1_000);
    const end = await markBoth(server, clients);
    const wallSeconds = (performance.now() - startMs) / 1_000;
    const cpuSeconds = end.server.cpuSeconds - start.server.cpuSeconds;
    const { delivered, bytes, agesMs } = end.clients;
    const grown = end.server.rssKib - before.rssKib;
    return {
      ...{ delivered, cpuSeconds, wallSeconds, ageMs: percentiles(agesMs) },
      perCpuSecond: delivered / cpuSeconds,
      megabytes: bytes / 1e6,
      kibPerClient: what.isIdle === true ? grown / what.clients : null,
    };
  } finally {
    for (const child of [server, clients]) child.disconnect();
    await Promise.all([server, clients].map((child) => child.exitCode ?? once(child, 'exit')));
  }
}

async function markServer(server: ChildProcess) {
  server.send('mark');
  return answerOf<ServerAnswer, 'marked'>(server, 'marked');
}

async function markBoth(server: ChildProcess, clients: ChildProcess) {
  clients.send({ kind: 'mark' });
  const marked = answerOf<ClientsAnswer, 'marked'>(clients, 'marked');
  return { server: await markServer(server), clients: await marked };
}

async function answerOf<T extends { readonly kind: string }, K extends T['kind']>(
  child: ChildProcess,
  kind: K,
): Promise<Extract<T, { kind: K }>> {
  for (;;) {
    const [message] = (await once(child, 'message')) as [T];
    if (message.kind === kind) return message as Extract<T, { kind: K }>;
  }
}

function percentiles(agesMs: readonly number[]): EdgeResult['ageMs'] {
  const sorted = [...agesMs].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor(share * sorted.length)] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99) };
}
