import type { Channel, SubscribeParams } from '#shared/wire/request.ts';
import type { LiveFeed } from './live-feed.ts';
import type { Receiver } from './receiver.ts';
import { bothFilters, type SymbolFilter, symbolFilter } from './symbol-filter.ts';

/** What a client asked for on each channel, so that a newer token can change what it gets of it. */
export class SubscribedFilters {
  readonly #feed: LiveFeed;
  readonly #receiver: Receiver;
  readonly #wanted = new Map<Channel, SymbolFilter>();

  constructor(feed: LiveFeed, receiver: Receiver) {
    this.#feed = feed;
    this.#receiver = receiver;
  }

  /** @returns what is both wanted and allowed */
  want({ channels, symbols }: SubscribeParams, allowed: SymbolFilter): SymbolFilter {
    const wanted = symbolFilter(symbols);
    for (const channel of channels) this.#wanted.set(channel, wanted);
    return bothFilters(wanted, allowed);
  }

  forget(channels: readonly Channel[]): void {
    for (const channel of channels) this.#wanted.delete(channel);
  }

  /** From here on only that is sent which this allows too. */
  allow(allowed: SymbolFilter, nowMs: number): void {
    for (const [channel, wanted] of this.#wanted) {
      this.#feed.refilter(this.#receiver, channel, bothFilters(wanted, allowed), nowMs);
    }
  }
}
