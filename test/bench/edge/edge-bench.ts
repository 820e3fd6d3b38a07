import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ForecastPack } from '#shared/forecast/forecast.ts';
import { encodeForecastPack } from '#shared/forecast/forecast-record.ts';
import type { ClientsAnswer, EdgeCase, EdgeResult, ServerAnswer } from './edge-case.ts';
import { SymbolMarket } from './symbol-market.ts';

/** Forecasts of one symbol a second. */
const OFTEN = 20;

/**
 * Rates leave every process below a core: queues would measure the queue. Quick: a tenth of the clients and of the symbols with
 * readers of their own, so that each forecast still has twenty readers.
 */
export function edgeCases(isQuick: boolean): readonly EdgeCase[] {
  const scale = isQuick ? 0.1 : 1;
  const clients = 1_000 * scale;
  const seconds = isQuick ? 3 : 4;
  const ours = { server: 'ours', clients, seconds } as const;
  const bare = { server: 'bare', clients, seconds, symbolCount: 100 } as const;
  const shared = { ...ours, symbolCount: 100, perSecond: 100 * OFTEN } as const;
  return [
    { ...bare, name: BARE, perSecond: isQuick ? 100 : 40 },
    { ...ours, name: SINGLE, symbolCount: 20, perSecond: 20 },
    { ...shared, name: 'the same 100 symbols', clients: clients / 5 },
    { ...shared, name: FIFTIES, deflate: true, perSecond: 1_500 },
    { ...shared, name: DEFLATED, deflate: true },
    own(ours, {
      name: 'own 20 symbols each, half as often',
      symbols: 1_000 * scale,
      hz: OFTEN / 2,
    }),
    own(ours, { name: OWN, symbols: 1_000 * scale, hz: OFTEN }),
    { ...shared, name: NONE_STALLED, deflate: true },
    { ...shared, name: STALLED, stalled: 0.01, deflate: true },
    idle(IDLE_BARE, 'bare', 10_000 * scale),
    idle(IDLE, 'ours', 10_000 * scale),
  ];
}

function own(
  ours: Pick<EdgeCase, 'server' | 'clients' | 'seconds'>,
  { name, symbols, hz }: { name: string; symbols: number; hz: number },
): EdgeCase {
  return { ...ours, name, symbolCount: symbols, ownSymbols: 20, perSecond: symbols * hz };
}

function idle(name: string, server: 'ours' | 'bare', clients: number): EdgeCase {
  return { name, server, clients, symbolCount: 10, perSecond: 0, seconds: 2, isIdle: true };
}

const BARE = 'bare ws loop, a message per forecast';
const SINGLE = 'one forecast a frame';
const FIFTIES = 'the same 100 symbols, deflated, in fifties';
const DEFLATED = 'the same 100 symbols, deflated';
const OWN = 'own 20 symbols each';
const NONE_STALLED = 'no client stalled';
const STALLED = 'one client in a hundred stalled';
const IDLE_BARE = 'idle connections, bare ws';
const IDLE = 'idle connections, ours';

/** What one server CPU-second of Centrifugo delivered on such a machine: single messages, and forecasts in fifties. */
const CENTRIFUGO = { singles: 112_000, inFifties: 4_000_000 };

/** What the figures are held against: by ratio in the same run, or by number. */
export function edgeGoals(results: ReadonlyMap<string, EdgeResult>): readonly string[] {
  const of = (name: string) => results.get(name);
  const per = (name: string) => of(name)?.perCpuSecond ?? Number.NaN;
  const age = (name: string) => of(name)?.ageMs.p99 ?? Number.NaN;
  const kib = of(IDLE)?.kibPerClient ?? Number.NaN;
  return [
    goal('same symbols, of the bare loop', per(DEFLATED) / per(BARE), 'at least', 40),
    goal('own symbols, of the bare loop', per(OWN) / per(BARE), 'at least', 5),
    goal('same symbols: ms old when read, p99', age(DEFLATED), 'at most', 50),
    goal('own symbols: ms old when read, p99', age(OWN), 'at most', 50),
    goal('p99 of readers beside stalled ones', age(STALLED) / age(NONE_STALLED), 'at most', 1.2),
    goal('KiB of memory per idle client', kib, 'at most', 10),
    goal('single messages, of Centrifugo', per(SINGLE) / CENTRIFUGO.singles, 'at least', 1),
    goal('in fifties, of Centrifugo', per(FIFTIES) / CENTRIFUGO.inFifties, 'at least', 1),
  ];
}

function goal(what: string, was: number, sense: 'at least' | 'at most', bound: number): string {
  const isMet = sense === 'at least' ? was >= bound : was <= bound;
  return `| ${what} | ${sense} ${bound} | ${was.toFixed(2)} | ${isMet ? 'met' : 'missed'} |`;
}

const here = (name: string) => join(import.meta.dirname, name);
/** Until compilers have settled. */
const WARM_MS = 3_000;

const ROUNDS = 3;

/** All cases, round by round, so that what disturbs the machine for a while disturbs them all. Memory is measured once. */
export async function runEdge(
  isQuick: boolean,
  say: (what: EdgeCase, result: EdgeResult) => void,
): Promise<ReadonlyMap<string, EdgeResult>> {
  const rounds = new Map<string, EdgeResult[]>();
  for (let round = 0; round < (isQuick ? 1 : ROUNDS); round += 1) {
    for (const what of edgeCases(isQuick)) {
      if (what.isIdle === true && round > 0) continue;
      const result = await runEdgeCase(what);
      rounds.set(what.name, [...(rounds.get(what.name) ?? []), result]);
      say(what, result);
    }
  }
  return new Map([...rounds].map(([name, all]) => [name, middleOf(all)]));
}

/** Of several rounds of a case the middle one, figure by figure. */
function middleOf(rounds: readonly EdgeResult[]): EdgeResult {
  const middle = (figure: (round: EdgeResult) => number): number =>
    rounds.map(figure).sort((a, b) => a - b)[rounds.length >> 1];
  return {
    perCpuSecond: middle((round) => round.perCpuSecond),
    delivered: middle((round) => round.delivered),
    cpuSeconds: middle((round) => round.cpuSeconds),
    wallSeconds: middle((round) => round.wallSeconds),
    deliveredShare: middle((round) => round.deliveredShare),
    clientCores: middle((round) => round.clientCores),
    perFrame: middle((round) => round.perFrame),
    megabytes: middle((round) => round.megabytes),
    ageMs: { p50: middle(({ ageMs }) => ageMs.p50), p99: middle(({ ageMs }) => ageMs.p99) },
    kibPerClient: rounds[0].kibPerClient === null ? null : middle((one) => one.kibPerClient ?? 0),
  };
}

/** One case: a server and its clients in a fresh process each, forecasts made in this one. */
export async function runEdgeCase(what: EdgeCase): Promise<EdgeResult> {
  const server = fork(here('edge-server.ts'), {
    execArgv: ['--expose-gc'],
    serialization: 'advanced',
  });
  const clients = fork(here('edge-clients.ts'));
  const ended = new AbortController();
  try {
    server.send({ kind: 'start', what });
    const { port } = await answerOf<ServerAnswer, 'listening'>(server, 'listening');
    const market = new SymbolMarket(what);
    sendPack(server, market.first());
    const isIdle = what.isIdle === true;
    const before = await markServer(server, isIdle);
    clients.send({ kind: 'connect', port, what });
    await answerOf<ClientsAnswer, 'connected'>(clients, 'connected');
    if (!isIdle) void market.run(ended.signal, (pack) => sendPack(server, pack));
    await sleep(WARM_MS);
    clients.send({ kind: 'begin' });
    await answerOf<ClientsAnswer, 'begun'>(clients, 'begun');
    const start = await markServer(server, isIdle);
    const startMs = performance.now();
    await sleep(what.seconds * 1_000);
    const wallSeconds = (performance.now() - startMs) / 1_000;
    clients.send({ kind: 'end' });
    const seen = await answerOf<ClientsAnswer, 'ended'>(clients, 'ended');
    const end = await markServer(server, isIdle);
    return resultOf(what, wallSeconds, { before, start, end, seen });
  } finally {
    ended.abort();
    for (const child of [server, clients]) child.disconnect();
    await Promise.all([server, clients].map((child) => child.exitCode ?? once(child, 'exit')));
  }
}

function sendPack(server: ChildProcess, pack: ForecastPack): void {
  if (server.connected) server.send({ kind: 'pack', bytes: encodeForecastPack(pack) });
}

type ServerMark = Extract<ServerAnswer, { kind: 'marked' }>;

interface Marks {
  readonly before: ServerMark;
  readonly start: ServerMark;
  readonly end: ServerMark;
  readonly seen: Extract<ClientsAnswer, { kind: 'ended' }>;
}

function resultOf(what: EdgeCase, wallSeconds: number, marks: Marks): EdgeResult {
  const { before, start, end, seen } = marks;
  const { delivered, frames, bytes, ageMs } = seen;
  const cpuSeconds = end.cpuSeconds - start.cpuSeconds;
  const readers = (what.clients * (what.ownSymbols ?? what.symbolCount)) / what.symbolCount;
  const due = what.perSecond * wallSeconds * readers * (1 - (what.stalled ?? 0));
  return {
    ...{ delivered, cpuSeconds, wallSeconds, ageMs },
    deliveredShare: delivered / due,
    clientCores: seen.cpuSeconds / wallSeconds,
    perCpuSecond: delivered / cpuSeconds,
    perFrame: delivered / frames,
    megabytes: bytes / 1e6,
    kibPerClient: what.isIdle === true ? (end.rssKib - before.rssKib) / what.clients : null,
  };
}

async function markServer(server: ChildProcess, isIdle: boolean): Promise<ServerMark> {
  server.send({ kind: 'mark', isIdle });
  return answerOf<ServerAnswer, 'marked'>(server, 'marked');
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
