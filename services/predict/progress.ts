interface Waiter {
  readonly ends: readonly bigint[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** How far the forecasts of each partition stand in the log, and who waits for it. */
export class Progress {
  readonly #next: bigint[];
  #waiters: Waiter[] = [];
  #forecastCount = 0;
  #failure: { readonly error: unknown } | null = null;

  constructor(partitionCount: number) {
    this.#next = Array.from({ length: partitionCount }, () => 0n);
  }

  /** A claim found the partition at this offset; state that was restored has forecast before. */
  restored(partition: number, next: bigint): void {
    if (next > 0n) this.#forecastCount += 1;
    this.published(partition, next);
  }

  forecast(count: number): void {
    this.#forecastCount += count;
  }

  /** A claim that went on further back publishes again what stands there already. */
  published(partition: number, next: bigint): void {
    if (next <= this.#next[partition]) return;
    this.#next[partition] = next;
    const reached = this.#waiters.filter(({ ends }) => this.#isPast(ends));
    this.#waiters = this.#waiters.filter((waiter) => !reached.includes(waiter));
    for (const { resolve } of reached) resolve();
  }

  /** True once a forecast was made, in this life of the process or in the one whose state it goes on from. */
  isFlowing(): boolean {
    return this.#forecastCount > 0;
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
