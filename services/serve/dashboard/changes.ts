/** Remembers what a part of the page was drawn from, so that it is drawn again only when that is something else. */
export class Changes {
  readonly #seen = new Map<string, readonly unknown[]>();

  /** Whether any of these differs, by identity, from the last time that the part was asked for. */
  in(part: string, ...from: readonly unknown[]): boolean {
    const before = this.#seen.get(part);
    this.#seen.set(part, from);
    return before === undefined || from.some((one, k) => one !== before[k]);
  }
}
