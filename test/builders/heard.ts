import { REACH_MS } from './eventually.ts';

/** Collects what arrives, and lets a test wait for a fact about it, with a deadline. */
export class Heard<T> {
  readonly all: T[] = [];
  readonly #waiting = new Set<() => void>();

  push(item: T): void {
    this.all.push(item);
    for (const look of this.#waiting) look();
  }

  /** Resolves once the fact holds; rejects after `deadlineMs` with what was heard last. */
  async until(
    fact: (all: readonly T[]) => boolean,
    what: string,
    deadlineMs = REACH_MS,
  ): Promise<void> {
    if (fact(this.all)) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const look = () => {
      if (fact(this.all)) resolve();
    };
    const last = () => JSON.stringify(this.all.at(-1))?.slice(0, 300);
    const timer = setTimeout(() => {
      reject(
        new Error(`not in ${deadlineMs} ms: ${what}; last of ${this.all.length} was ${last()}`),
      );
    }, deadlineMs);
    this.#waiting.add(look);
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(look);
    }
  }
}
