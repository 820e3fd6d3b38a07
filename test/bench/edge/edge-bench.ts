import { fork } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CentrifugePeer } from './centrifuge-peer.ts';
import { startCentrifuge } from './centrifuge-process.ts';
import type { ClientsAnswer, EdgeCase, EdgeResult, ServerMark } from './edge-case.ts';
import { edgeCases } from './edge-cases.ts';
import { answerOf, endChild, type ServerProcess, startNodeServer } from './server-process.ts';
import { SymbolMarket } from './symbol-market.ts';

/** Until compilers have settled. */
const WARM_MS = 3_000;

const ROUNDS = 3;

/** All cases, round by round, so that what disturbs the machine for a while disturbs them all. Memory is measured once. */
export async function runEdge(
  isQuick: boolean,
  centrifuge: CentrifugePeer | null,
  say: (what: EdgeCase, result: EdgeResult) => void,
): Promise<ReadonlyMap<string, EdgeResult>> {
  const rounds = new Map<string, EdgeResult[]>();
  const cases = edgeCases(isQuick).filter(
    ({ server }) => server !== 'centrifuge' || centrifuge !== null,
  );
  for (let round = 0; round < (isQuick ? 1 : ROUNDS); round += 1) {
    for (const what of cases) {
      if (what.isIdle === true && round > 0) continue;
      const result = await runEdgeCase(what, centrifuge);
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
export async function runEdgeCase(
  what: EdgeCase,
  centrifuge: CentrifugePeer | null,
): Promise<EdgeResult> {
  const server = await startServer(what, centrifuge);
  const clients = fork(join(import.meta.dirname, 'edge-clients.ts'));
  const ended = new AbortController();
  try {
    const market = new SymbolMarket(what);
    server.give(market.first());
    const isIdle = what.isIdle === true;
    const before = await server.mark(isIdle);
    clients.send({ kind: 'connect', port: server.port, what });
    await answerOf<ClientsAnswer, 'connected'>(clients, 'connected');
    if (!isIdle) void market.run(ended.signal, (pack) => server.give(pack));
    await sleep(WARM_MS);
    clients.send({ kind: 'begin' });
    await answerOf<ClientsAnswer, 'begun'>(clients, 'begun');
    const start = await server.mark(isIdle);
    const startMs = performance.now();
    await sleep(what.seconds * 1_000);
    const wallSeconds = (performance.now() - startMs) / 1_000;
    clients.send({ kind: 'end' });
    const seen = await answerOf<ClientsAnswer, 'ended'>(clients, 'ended');
    const end = await server.mark(isIdle);
    return resultOf(what, wallSeconds, { before, start, end, seen });
  } finally {
    ended.abort();
    await Promise.all([server.end(), endChild(clients)]);
  }
}

function startServer(what: EdgeCase, centrifuge: CentrifugePeer | null): Promise<ServerProcess> {
  if (what.server !== 'centrifuge') return startNodeServer(what);
  if (centrifuge === null) throw new Error(`${what.name}: centrifuge could not be built`);
  return startCentrifuge(centrifuge.program, what);
}

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
