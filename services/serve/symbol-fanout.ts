import type { PlacedEntry } from './forecast-rings.ts';
import { GatheredForecasts } from './gathered-forecasts.ts';
import type { Receiver } from './receiver.ts';
import type { SymbolFilter } from './symbol-filter.ts';

/** How a client wants its forecasts. */
export interface ForecastWish {
  readonly filter: SymbolFilter;
  /** Null: every forecast. */
  readonly maxRateHz: number | null;
}

interface Group {
  readonly wish: ForecastWish;
  readonly gathered: GatheredForecasts;
  /** With what a member that is behind has not been sent yet; null for the others. */
  readonly members: Map<Receiver, GatheredForecasts | null>;
  lastSentMs: number;
}

/** A frame is sent early when it has so many forecasts, so that no frame grows without bound. */
const FRAME_FORECASTS = 256;
/** An empty frame is sent after so long, so that the position moves on where no wanted symbol ticks. */
const SILENT_COVER_MS = 1_000;

/**
 * Forecasts to the clients that want them. Clients with the same wish form a group and receive the same bytes, made once.
 * Policies: without a rate every forecast is sent, and the session closes a client that does not read; with a rate the newest
 * of each symbol is sent (policy `conflate`), and a member that is behind gathers its own until it has caught up.
 */
export class SymbolFanout {
  readonly #groups = new Map<string, Group>();
  readonly #levels: () => readonly number[];

  constructor(levels: () => readonly number[]) {
    this.#levels = levels;
  }

  /** From here on the receiver gets what is taken after this call; what was gathered before goes to the older members. */
  join(receiver: Receiver, wish: ForecastWish, nowMs: number): void {
    this.leave(receiver);
    const key = `${wish.maxRateHz} ${wish.filter.key}`;
    const group = this.#groups.get(key) ?? {
      wish,
      gathered: gatheredFor(wish),
      members: new Map(),
      lastSentMs: nowMs,
    };
    this.#groups.set(key, group);
    this.#send(group, nowMs);
    group.members.set(receiver, null);
  }

  leave(receiver: Receiver): void {
    for (const [key, group] of this.#groups) {
      group.members.delete(receiver);
      if (group.members.size === 0) this.#groups.delete(key);
    }
  }

  take(entries: readonly PlacedEntry[], nowMs: number): void {
    for (const group of this.#groups.values()) {
      for (const entry of entries) {
        group.gathered.add(entry);
        if (group.gathered.size >= FRAME_FORECASTS && group.wish.maxRateHz === null) {
          this.#send(group, nowMs);
        }
      }
    }
  }

  /** Sends what is due. */
  flush(nowMs: number): void {
    for (const group of this.#groups.values()) {
      const sinceMs = nowMs - group.lastSentMs;
      const { maxRateHz } = group.wish;
      const isDue = maxRateHz === null || sinceMs >= 1_000 / maxRateHz;
      if (isDue && (group.gathered.size > 0 || sinceMs >= SILENT_COVER_MS || isOwed(group))) {
        this.#send(group, nowMs);
      }
    }
  }

  #send(group: Group, nowMs: number): void {
    group.lastSentMs = nowMs;
    let shared: string | null = null;
    for (const [receiver, owed] of group.members) {
      if (owed !== null || (group.wish.maxRateHz !== null && receiver.isBehind())) {
        this.#sendOwn(group, receiver, nowMs);
      } else if (!group.gathered.isEmpty) {
        shared ??= group.gathered.frame(nowMs, this.#levels());
        receiver.send(shared);
      }
    }
    group.gathered.clear();
  }

  #sendOwn(group: Group, receiver: Receiver, nowMs: number): void {
    const owed = group.members.get(receiver) ?? gatheredFor(group.wish);
    owed.absorb(group.gathered);
    if (receiver.isBehind()) {
      group.members.set(receiver, owed);
      return;
    }
    group.members.set(receiver, null);
    if (!owed.isEmpty) receiver.send(owed.frame(nowMs, this.#levels()));
  }
}

function gatheredFor({ filter, maxRateHz }: ForecastWish): GatheredForecasts {
  return new GatheredForecasts(filter, { isConflated: maxRateHz !== null });
}

function isOwed(group: Group): boolean {
  return [...group.members.values()].some((owed) => owed !== null);
}
