interface Waiter {
  readonly ends: readonly bigint[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** How far the forecasts of each partition stand in the log, and who waits for it. */
export class Progress {
  readonly #next: bigint[];
  #waiters: Waiter[] = [];
  /** Null until the group has been joined. */
  #assigned: readonly number[] | null = null;
  readonly #restored = new Set<number>();
  #failure: { readonly error: unknown } | null = null;

  constructor(partitionCount: number) {
    this.#next = Array.from({ length: partitionCount }, () => 0n);
  }

  /** The group has given us these; none where it has more members than partitions. */
  joined(partitions: readonly number[]): void {
    this.#assigned = partitions;
    this.#restored.clear();
  }

  /** A claim found the partition at this offset. */
  restored(partition: number, next: bigint): void {
    this.#restored.add(partition);
    this.published(partition, next);
  }

  /** A claim that went on further back publishes again what stands there already. */
  published(partition: number, next: bigint): void {
    if (next <= this.#next[partition]) return;
    this.#next[partition] = next;
    const reached = this.#waiters.filter(({ ends }) => this.#isPast(ends));
    this.#waiters = this.#waiters.filter((waiter) => !reached.includes(waiter));
    for (const { resolve } of reached) resolve();
  }

  /** True once every partition that the group has given us folds on from its state. */
  isReady(): boolean {
    return this.#assigned?.every((partition) => this.#restored.has(partition)) ?? false;
  }

  reached(ends: readonly bigint[]): Promise<void> {
    if (this.#isPast(ends)) return Promise.resolve();
    if (this.#failure !== null) return Promise.reject(this.#failure.error);
    return new Promise((resolve, reject) => {
      this.#waiters.push({ ends, resolve, reject });
    });
  }

  fail(error: unknown): void {
    this.#failure = { error };
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const { reject } of waiters) reject(error);
  }

  #isPast(ends: readonly bigint[]): boolean {
    return ends.every((end, partition) => this.#next[partition] >= end);
  }
}
