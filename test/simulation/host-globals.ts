import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers/promises';
import type { Scheduler } from './scheduler.ts';

/** What the code of the current seed finds in place of the host's timers, clock and sockets. */
export interface SimulatedHost {
  readonly scheduler: Scheduler;
  /** Opens a socket to where the address leads. */
  readonly connect: (url: string) => unknown;
}

let current: SimulatedHost | null = null;
/** Takes back each timer that waits; those of the dead stay until the next seed. */
const taken = new Map<number, () => void>();

/** Stands where the client expects the host's constructor. */
class HostSocket {
  constructor(url: string) {
    // biome-ignore lint/correctness/noConstructorReturn: the simulation makes the socket.
    return currentHost().connect(url) as HostSocket;
  }
}

/** Hands the host's clock, timers, yields and sockets to a simulation: for a process of its own, since nothing gives them back. */
export function installHost(): void {
  let count = 0;
  const start = (ms: number, label: string, act: () => void, isRepeated: boolean): number => {
    const { scheduler } = currentHost();
    const { actor } = scheduler;
    count += 1;
    const id = count;
    const arm = (): void => {
      const due = (): void => {
        taken.delete(id);
        if (isRepeated) arm();
        act();
      };
      taken.set(id, scheduler.later(Math.ceil(ms), `${actor?.name} ${label}`, due, actor));
    };
    arm();
    return id;
  };
  const clear = (id: number): void => {
    taken.get(id)?.();
    taken.delete(id);
  };
  Object.assign(globalThis, {
    setTimeout: (act: () => void, ms = 0) => start(ms, 'timer', act, false),
    clearTimeout: clear,
    setInterval: (act: () => void, ms = 0) => start(ms, 'pulse', act, true),
    clearInterval: clear,
    WebSocket: HostSocket,
  });
  // Tokens: only ever compared, so the seed's own chance will do.
  Object.assign(crypto, { randomBytes: (size: number) => bytesOf(currentHost().scheduler, size) });
  Date.now = () => current?.scheduler.nowMs ?? 0;
  Object.assign(timers, {
    setImmediate: () =>
      new Promise<void>((resolve) => {
        const { scheduler } = currentHost();
        const { actor } = scheduler;
        scheduler.later(0, `${actor?.name} yields`, resolve, actor);
      }),
  });
  syncBuiltinESMExports();
}

export function setHost(host: SimulatedHost): void {
  taken.clear();
  current = host;
}

function currentHost(): SimulatedHost {
  if (current === null) throw new Error('no simulation runs');
  return current;
}

function bytesOf({ random }: Scheduler, size: number): Buffer {
  return Buffer.from(Array.from({ length: size }, () => random.bits() & 0xff));
}
