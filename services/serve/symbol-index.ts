import type { SymbolFilter } from './symbol-filter.ts';

/** Finds who wants a symbol without asking everyone: with a thousand subscriptions most want none of what came. */
export class SymbolIndex<T extends { readonly filter: SymbolFilter }> {
  readonly #all = new Set<T>();
  /** Of each symbol that was ever looked up. */
  readonly #bySymbol = new Map<string, Set<T>>();

  add(one: T): void {
    this.#all.add(one);
    this.#eachSet(one, (set) => set.add(one));
  }

  remove(one: T): void {
    this.#all.delete(one);
    this.#eachSet(one, (set) => set.delete(one));
  }

  of(symbol: string): ReadonlySet<T> {
    const known = this.#bySymbol.get(symbol);
    if (known !== undefined) return known;
    const found = new Set([...this.#all].filter(({ filter }) => filter.has(symbol)));
    this.#bySymbol.set(symbol, found);
    return found;
  }

  #eachSet({ filter }: T, act: (set: Set<T>) => void): void {
    if (filter.names === null) {
      for (const [symbol, set] of this.#bySymbol) if (filter.has(symbol)) act(set);
      return;
    }
    for (const name of filter.names) {
      const set = this.#bySymbol.get(name);
      if (set !== undefined) act(set);
    }
  }
}
