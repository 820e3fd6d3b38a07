import type { Actor } from './actor.ts';
import type { Scheduler } from './scheduler.ts';

/** What becomes of one request beside being slow. `late`: its effect comes after its sender has given it up. */
export type Mishap = 'none' | 'request lost' | 'reply lost' | 'late';

const MISHAPS: readonly Mishap[] = ['request lost', 'reply lost', 'late'];
const TIMEOUT_MS = 40;
const LATE_MS = 250;

/** Requests and replies between actors and servers, each a task of its own, so that they overtake one another. */
export class Network {
  readonly scheduler: Scheduler;
  /** Share of requests that meet a mishap. */
  lossRate: number;

  constructor(scheduler: Scheduler, lossRate: number) {
    this.scheduler = scheduler;
    this.lossRate = lossRate;
  }

  mishap(): Mishap {
    if (this.lossRate === 0 || !this.scheduler.chance(this.lossRate)) return 'none';
    return MISHAPS[this.scheduler.pick(MISHAPS.length)];
  }

  latencyMs(actor: Actor): number {
    const { scheduler } = this;
    const kind = scheduler.pick(12);
    const widest = kind < 9 ? 3 : 20;
    const ownMs = scheduler.pick(kind === 11 ? 80 : widest);
    return Math.max(0, actor.cutOffUntilMs - scheduler.nowMs) + ownMs;
  }

  /** A request that is answered with what `effect` returns or throws. */
  call<T>(actor: Actor, label: string, effect: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#travel(actor, label, () => this.#reply(actor, label, attempt(effect), resolve, reject));
    });
  }

  /** A request that may meet a mishap; its sender then gets `lost`. */
  async attempt<T>(actor: Actor, label: string, effect: () => T, lost: Error): Promise<T> {
    const mishap = this.mishap();
    if (mishap === 'none') return this.call(actor, label, effect);
    const { scheduler } = this;
    const what = `${label}: ${mishap}`;
    if (mishap === 'reply lost') this.#travel(actor, what, () => void attempt(effect));
    if (mishap === 'late') {
      scheduler.later(scheduler.pick(LATE_MS), what, () => void attempt(effect));
    }
    return new Promise((_, reject) => {
      scheduler.later(TIMEOUT_MS, `${what}, given up`, () => reject(lost), actor);
    });
  }

  /** A message whose answer, if any, comes by `reply`: for requests that wait at the server. */
  #travel(actor: Actor, label: string, arrive: () => void): void {
    this.scheduler.later(this.latencyMs(actor), `${actor.name} ${label}`, () => {
      // What a dead process had sent may be on the wire still.
      if (actor.isAlive || this.scheduler.chance(0.5)) arrive();
    });
  }

  #reply<T>(
    actor: Actor,
    label: string,
    outcome: Outcome<T>,
    resolve: (value: T) => void,
    reject: (error: unknown) => void,
  ): void {
    const settle = (): void => {
      if ('value' in outcome) resolve(outcome.value);
      else reject(outcome.error);
    };
    this.scheduler.later(this.latencyMs(actor), `${actor.name} ${label} replied`, settle, actor);
  }
}

type Outcome<T> = { readonly value: T } | { readonly error: unknown };

function attempt<T>(effect: () => T): Outcome<T> {
  try {
    return { value: effect() };
  } catch (error) {
    return { error };
  }
}
