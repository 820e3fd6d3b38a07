import type { Receiver } from './receiver.ts';
import type { SymbolFilter } from './symbol-filter.ts';

interface OfSymbol {
  readonly symbol: string;
}

export interface NewestFanoutOptions<T> {
  /** Both came since the last frame. */
  readonly merge: (older: T, newer: T) => T;
  readonly frame: (items: readonly T[]) => string;
}

/**
 * The newest of each symbol, for channels that have no position (policy `conflate`). A receiver that is behind is left out,
 * and gets the newest of all its symbols once it has caught up.
 */
export class NewestFanout<T extends OfSymbol> {
  readonly #options: NewestFanoutOptions<T>;
  readonly #newest = new Map<string, T>();
  readonly #pending = new Map<string, T>();
  readonly #receivers = new Map<Receiver, { filter: SymbolFilter; isOwed: boolean }>();

  constructor(options: NewestFanoutOptions<T>) {
    this.#options = options;
  }

  /** The receiver first gets the newest of all its symbols. */
  join(receiver: Receiver, filter: SymbolFilter): void {
    this.#receivers.set(receiver, { filter, isOwed: false });
    this.#sendTo(receiver, this.#newest, filter);
  }

  leave(receiver: Receiver): void {
    this.#receivers.delete(receiver);
  }

  offer(item: T): void {
    const older = this.#pending.get(item.symbol);
    this.#newest.set(item.symbol, item);
    this.#pending.set(item.symbol, older === undefined ? item : this.#options.merge(older, item));
  }

  newest(symbol: string): T | null {
    return this.#newest.get(symbol) ?? null;
  }

  flush(): void {
    const frames = new Map<string, string>();
    for (const [receiver, state] of this.#receivers) {
      if (receiver.isBehind()) {
        state.isOwed ||= this.#pending.size > 0;
      } else if (state.isOwed) {
        state.isOwed = false;
        this.#sendTo(receiver, this.#newest, state.filter);
      } else if (this.#pending.size > 0) {
        this.#sendTo(receiver, this.#pending, state.filter, frames);
      }
    }
    this.#pending.clear();
  }

  #sendTo(
    receiver: Receiver,
    items: ReadonlyMap<string, T>,
    filter: SymbolFilter,
    frames = new Map<string, string>(),
  ): void {
    const frame = frames.get(filter.key) ?? this.#frame(items, filter);
    frames.set(filter.key, frame);
    if (frame !== '') receiver.send(frame);
  }

  #frame(items: ReadonlyMap<string, T>, filter: SymbolFilter): string {
    const wanted = [...items.values()].filter((item) => filter.has(item.symbol));
    return wanted.length === 0 ? '' : this.#options.frame(wanted);
  }
}
