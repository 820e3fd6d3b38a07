import type { Limits } from '#shared/wire/message.ts';
import { PROTOCOL_VERSION } from '#shared/wire/protocol-version.ts';
import type { Grant } from './access/grant.ts';
import type { LiveFeed } from './live-feed.ts';
import { type Encoding, frameOf } from './message-encoding.ts';
import type { WireFrame } from './wire-frame.ts';

export interface WelcomesOptions {
  readonly feed: LiveFeed;
  readonly limits: Limits;
  readonly heartbeatMs: number;
  readonly flushMs: number;
}

/** Different ones that are kept: as many as there are kinds of tokens, within reason. */
const MOST_KEPT = 64;

/** The first message of a connection, made once for all that may see the same symbols, until there is another symbol. */
export class Welcomes {
  readonly #options: WelcomesOptions;
  readonly #kept = new Map<string, WireFrame>();
  #symbolCount = 0;

  constructor(options: WelcomesOptions) {
    this.#options = options;
  }

  frame({ filter }: Grant, encoding: Encoding): WireFrame {
    const { rings } = this.#options.feed;
    if (rings.symbolCount !== this.#symbolCount || this.#kept.size > MOST_KEPT) this.#kept.clear();
    this.#symbolCount = rings.symbolCount;
    const key = `${encoding} ${filter.key}`;
    const frame = this.#kept.get(key) ?? this.#make(filter.has, encoding);
    this.#kept.set(key, frame);
    return frame;
  }

  #make(isAllowed: (symbol: string) => boolean, encoding: Encoding): WireFrame {
    const { feed, limits, heartbeatMs, flushMs } = this.#options;
    const message = {
      type: 'welcome',
      protocolVersion: PROTOCOL_VERSION,
      run: feed.rings.run,
      ...{ heartbeatMs, flushMs, limits },
      symbols: feed.rings.symbols().filter((symbol) => isAllowed(symbol)),
    } as const;
    return frameOf(message, encoding);
  }
}
