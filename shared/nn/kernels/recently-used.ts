/** A process works in few sizes at a time, and what is kept of one that has passed is lost to others. */
const KEPT = 4;

/** What is dear to make, by name: the last few that were asked for. */
export class RecentlyUsed<T> {
  /** The newest last. */
  readonly #kept = new Map<string, T>();

  get(key: string, make: () => T): T {
    const found = this.#kept.get(key) ?? make();
    this.#kept.delete(key);
    this.#kept.set(key, found);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= KEPT) break;
      this.#kept.delete(oldest);
    }
    return found;
  }
}
