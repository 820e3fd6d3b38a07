import { type Encoding, FrameByEncoding } from './message-encoding.ts';
import type { Receiver } from './receiver.ts';
import type { SymbolFilter } from './symbol-filter.ts';
import { SymbolIndex } from './symbol-index.ts';
import type { WireFrame } from './wire-frame.ts';

interface OfSymbol {
  readonly symbol: string;
}

export interface NewestFanoutOptions<T> {
  /** Both came since the last frame. */
  readonly merge: (older: T, newer: T) => T;
  readonly frame: (items: readonly T[], encoding: Encoding) => WireFrame;
  /** Least time between two frames, in ms. */
  readonly leastGapMs?: number;
}

/** How a client wants a channel without positions. */
export interface NewestWish {
  readonly filter: SymbolFilter;
  /** Null: as often as there is news. */
  readonly maxRateHz: number | null;
}

interface Group<T> {
  readonly key: string;
  readonly filter: SymbolFilter;
  readonly maxRateHz: number | null;
  readonly minGapMs: number;
  readonly pending: Map<string, T>;
  /** With whether the member was left out of a frame. */
  readonly members: Map<Receiver, boolean>;
  lastSentMs: number;
}

/**
 * The newest of each symbol, for channels that have no position (policy `conflate`). A receiver that is behind is left out,
 * and gets the newest of all its symbols once it has caught up.
 */
export class NewestFanout<T extends OfSymbol> {
  readonly #options: NewestFanoutOptions<T>;
  readonly #newest = new Map<string, T>();
  readonly #groups = new Map<string, Group<T>>();
  readonly #groupOf = new Map<Receiver, Group<T>>();
  readonly #index = new SymbolIndex<Group<T>>();

  constructor(options: NewestFanoutOptions<T>) {
    this.#options = options;
  }

  /** The receiver first gets the newest of all its symbols. */
  join(receiver: Receiver, { filter, maxRateHz }: NewestWish): void {
    this.leave(receiver);
    const key = `${maxRateHz} ${filter.key}`;
    const group = this.#groups.get(key) ?? {
      key,
      filter,
      maxRateHz,
      minGapMs: Math.max(this.#options.leastGapMs ?? 0, maxRateHz === null ? 0 : 1_000 / maxRateHz),
      pending: new Map<string, T>(),
      members: new Map<Receiver, boolean>(),
      lastSentMs: Number.NEGATIVE_INFINITY,
    };
    if (group.members.size === 0) this.#index.add(group);
    this.#groups.set(key, group);
    group.members.set(receiver, false);
    this.#groupOf.set(receiver, group);
    this.#sendNewest(receiver, filter);
  }

  /** Another filter from here on; nothing happens for a receiver that has not joined. */
  refilter(receiver: Receiver, filter: SymbolFilter): void {
    const group = this.#groupOf.get(receiver);
    if (group === undefined) return;
    this.join(receiver, { filter, maxRateHz: group.maxRateHz });
  }

  leave(receiver: Receiver): void {
    const group = this.#groupOf.get(receiver);
    if (group === undefined) return;
    this.#groupOf.delete(receiver);
    group.members.delete(receiver);
    if (group.members.size > 0) return;
    this.#groups.delete(group.key);
    this.#index.remove(group);
  }

  offer(item: T): void {
    this.#newest.set(item.symbol, item);
    for (const { pending } of this.#index.of(item.symbol)) {
      const older = pending.get(item.symbol);
      pending.set(item.symbol, older === undefined ? item : this.#options.merge(older, item));
    }
  }

  newest(symbol: string): T | null {
    return this.#newest.get(symbol) ?? null;
  }

  flush(nowMs: number): void {
    for (const group of this.#groups.values()) {
      if (nowMs - group.lastSentMs >= group.minGapMs) this.#send(group, nowMs);
    }
  }

  #send(group: Group<T>, nowMs: number): void {
    const items = [...group.pending.values()];
    group.pending.clear();
    if (items.length > 0) group.lastSentMs = nowMs;
    const frames = new FrameByEncoding((encoding) => this.#options.frame(items, encoding));
    for (const [receiver, isOwed] of group.members) {
      if (receiver.isBehind()) {
        group.members.set(receiver, isOwed || items.length > 0);
      } else if (isOwed) {
        group.members.set(receiver, false);
        this.#sendNewest(receiver, group.filter);
      } else if (items.length > 0) {
        receiver.send(frames.in(receiver.encoding));
      }
    }
  }

  #sendNewest(receiver: Receiver, { names, has }: SymbolFilter): void {
    const wanted: T[] = [];
    for (const symbol of names ?? this.#newest.keys()) {
      const item = has(symbol) ? this.#newest.get(symbol) : undefined;
      if (item !== undefined) wanted.push(item);
    }
    if (wanted.length > 0) receiver.send(this.#options.frame(wanted, receiver.encoding));
  }
}
