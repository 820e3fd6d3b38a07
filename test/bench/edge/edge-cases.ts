import type { EdgeCase } from './edge-case.ts';

/** Forecasts of one symbol a second. */
const OFTEN = 20;

export const BARE = 'bare ws loop, a message per forecast';
export const SINGLE = 'one forecast a frame';
export const FIFTIES = 'the same 100 symbols, deflated, in fifties';
export const DEFLATED = 'the same 100 symbols, deflated';
export const DELTAS = 'the same 100 symbols, deflated, deltas';
export const OWN = 'own 20 symbols each';
export const NONE_STALLED = 'no client stalled';
export const STALLED = 'one client in a hundred stalled';
export const IDLE = 'idle connections, ours';
export const CENTRIFUGE_SINGLE = 'centrifuge, one forecast a publication';
export const CENTRIFUGE_FIFTIES = 'centrifuge, fifty a publication';
export const CENTRIFUGE_DEFLATED = 'centrifuge, fifty a publication, deflated';

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
  const single = { ...ours, symbolCount: 20, perSecond: 20 };
  const fifties = { ...shared, perSecond: 1_500 } as const;
  const centrifuge = { ...fifties, server: 'centrifuge', publishes: 50 } as const;
  return [
    { ...bare, name: BARE, perSecond: isQuick ? 100 : 40 },
    { ...single, name: SINGLE },
    { ...single, name: CENTRIFUGE_SINGLE, server: 'centrifuge', publishes: 1 },
    { ...shared, name: 'the same 100 symbols', clients: clients / 5 },
    // All clients would read 2 GB a second.
    { ...centrifuge, name: CENTRIFUGE_FIFTIES, clients: clients / 5 },
    { ...fifties, name: FIFTIES, deflate: true },
    { ...centrifuge, name: CENTRIFUGE_DEFLATED, deflate: true },
    { ...shared, name: DEFLATED, deflate: true },
    { ...shared, name: DELTAS, deflate: true, delta: true },
    own(ours, {
      name: 'own 20 symbols each, half as often',
      symbols: 1_000 * scale,
      hz: OFTEN / 2,
    }),
    own(ours, { name: OWN, symbols: 1_000 * scale, hz: OFTEN }),
    { ...shared, name: NONE_STALLED, deflate: true },
    { ...shared, name: STALLED, stalled: 0.01, deflate: true },
    idle('idle connections, bare ws', 'bare', 10_000 * scale),
    idle(IDLE, 'ours', 10_000 * scale),
    idle('idle connections, centrifuge', 'centrifuge', 10_000 * scale),
  ];
}

function own(
  ours: Pick<EdgeCase, 'server' | 'clients' | 'seconds'>,
  { name, symbols, hz }: { name: string; symbols: number; hz: number },
): EdgeCase {
  return { ...ours, name, symbolCount: symbols, ownSymbols: 20, perSecond: symbols * hz };
}

function idle(name: string, server: EdgeCase['server'], clients: number): EdgeCase {
  return { name, server, clients, symbolCount: 10, perSecond: 0, seconds: 2, isIdle: true };
}
