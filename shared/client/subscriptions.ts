import type { Channel, Reply, SubscribeParams, WirePosition } from '#shared/wire/request.ts';
import { SubscriptionError } from './client-errors.ts';
import type { ForecastClientOptions } from './forecast-client-options.ts';

/** What is wanted of some channels. */
export interface Subscription {
  readonly channels: readonly Channel[];
  /** Names and patterns: `['*']`, `['SIM:*']`. None: nothing is heard of these channels. */
  readonly symbols: readonly string[];
  /** At most so many frames of each channel per second, the newest of each symbol; absent: every forecast. */
  readonly maxRateHz?: number;
}

/** What a client begins with. */
export type FirstSubscription = Pick<
  ForecastClientOptions,
  'symbols' | 'channels' | 'maxRateHz' | 'delta'
>;

export interface SubscriptionsOptions {
  /** @returns the request's id */
  readonly ask: (params: SubscribeParams) => number;
  readonly drop: (channels: readonly Channel[]) => void;
  /** How far the client has read. */
  readonly position: () => WirePosition | null;
}

/** What came of a reply: nothing, all that was asked for is agreed on, or it may be asked for again later. */
export type Answer =
  | { readonly kind: 'none' | 'agreed' }
  | { readonly kind: 'later'; readonly why: string };

/** What a client wants of each channel: asked for on every connection, and changed on one that stands. */
export class Subscriptions {
  readonly #options: SubscriptionsOptions;
  /** Of every subscription to forecasts. */
  readonly #hasDeltas: boolean;
  /** Each channel stands in one of them at most. */
  #wanted: readonly Subscription[];
  readonly #unanswered = new Set<number>();
  #awaited: number | null = null;
  #isOpen = false;
  #wantsSnapshot = false;

  constructor(first: FirstSubscription, options: SubscriptionsOptions) {
    const { symbols, channels = ['forecasts'], maxRateHz, delta = false } = first;
    this.#hasDeltas = delta;
    this.#wanted = [{ symbols, channels, ...(maxRateHz === undefined ? {} : { maxRateHz }) }];
    this.#options = options;
  }

  /** Whether updates are of no use until the answer is there: they follow on something else. */
  get isAwaiting(): boolean {
    return this.#awaited !== null;
  }

  /** The connection was welcomed. @returns whether there is an answer to wait for */
  begin(): boolean {
    this.#isOpen = true;
    for (const one of this.#wanted) this.#ask(one, true);
    return this.#unanswered.size > 0;
  }

  end(): void {
    this.#isOpen = false;
    this.#awaited = null;
    this.#unanswered.clear();
  }

  /** Replaces what was wanted of the channels that it names. */
  change(wanted: Subscription): void {
    const others = this.#wanted.map((one) => ({
      ...one,
      channels: one.channels.filter((channel) => !wanted.channels.includes(channel)),
    }));
    this.#wanted = [...others.filter(({ channels }) => channels.length > 0), wanted];
    if (isOfForecasts(wanted)) this.#wantsSnapshot = true;
    if (!this.#isOpen) return;
    // What comes until the answer goes on from what there is: it is taken.
    if (wanted.symbols.length > 0) this.#ask(wanted, false);
    else this.#options.drop(wanted.channels);
  }

  /** Forecasts are missing: what follows on the position is asked for again. */
  resume(): void {
    for (const one of this.#wanted) if (isOfForecasts(one)) this.#ask(one, true);
  }

  /** Told of each snapshot: from here on a connection that is lost is resumed. */
  tookSnapshot(): void {
    if (this.#unanswered.size === 0) this.#wantsSnapshot = false;
  }

  /** @throws SubscriptionError `CLIENT_SUBSCRIPTION` where asking again would end the same way */
  take(reply: Reply): Answer {
    if (!this.#unanswered.delete(reply.id)) return { kind: 'none' };
    if ('error' in reply) {
      const { message, temporary } = reply.error;
      if (temporary) return { kind: 'later', why: message };
      throw new SubscriptionError(`the subscription was refused: ${message}`);
    }
    if (reply.id === this.#awaited) this.#awaited = null;
    return { kind: this.#unanswered.size === 0 ? 'agreed' : 'none' };
  }

  #ask(wanted: Subscription, awaits: boolean): void {
    if (wanted.symbols.length === 0) return;
    const position = this.#wantsSnapshot ? null : this.#options.position();
    const delta = this.#hasDeltas && isOfForecasts(wanted) ? { delta: true } : {};
    const id = this.#options.ask({ ...wanted, ...delta, position: position ?? undefined });
    this.#unanswered.add(id);
    if (awaits && isOfForecasts(wanted)) this.#awaited = id;
  }
}

function isOfForecasts({ channels }: Subscription): boolean {
  return channels.includes('forecasts');
}
