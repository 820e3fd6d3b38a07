import { decode } from '@msgpack/msgpack';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LiveFeed } from '#services/serve/live-feed.ts';
import type { Encoding } from '#services/serve/message-encoding.ts';
import type { Receiver } from '#services/serve/receiver.ts';
import { subscribe } from '#services/serve/subscriptions.ts';
import { symbolFilter } from '#services/serve/symbol-filter.ts';
import type { WireFrame } from '#services/serve/wire-frame.ts';
import { UpdateReader } from '#shared/client/update-reader.ts';
import type { SentUpdate, SnapshotMessage, WireForecast } from '#shared/wire/message.ts';
import type { SubscribeParams } from '#shared/wire/request.ts';
import { aForecast } from '#test/builders/a-forecast.ts';

const SYMBOLS = ['a:x', 'a:y', 'b:z'];
const RUN = 'r';

describe('a client of deltas', () => {
  test('ends with exactly what one without them has, whoever joins, leaves, stalls, resumes or is allowed other symbols', () => {
    let deltaCount = 0;
    fc.assert(
      fc.property(fc.array(anAct(), { minLength: 20, maxLength: 200 }), (acts) => {
        const market = new Market();
        for (const act of acts) market.act(act);
        market.settle();
        for (const { plain, deltas } of market.pairs) {
          expect(deltas.heard).toEqual(plain.heard);
          expect(deltas.reader.position).toEqual(plain.reader.position);
          expect(deltas.surprises).toBe(0);
          expect(plain.deltaCount).toBe(0);
          deltaCount += deltas.deltaCount;
        }
      }),
      { numRuns: 300 },
    );
    // Where all came whole, nothing would have been tried.
    expect(deltaCount).toBeGreaterThan(300);
  });

  test.each([null, 10])(
    'at a rate of %s gets a snapshot, and then nothing whole of what it had',
    (maxRateHz) => {
      const market = new Market();
      for (const symbol of SYMBOLS) market.act({ kind: 'tick', symbol, seed: 1 });
      market.act({ kind: 'join', pair: 0, wish: { symbols: ['*'], maxRateHz, encoding: 'json' } });
      const beats = 20;
      for (let k = 0; k < beats; k += 1) {
        for (const symbol of SYMBOLS) market.act({ kind: 'tick', symbol, seed: 10 + k });
        market.act({ kind: 'flush', passMs: 100 });
      }
      const [{ deltas }] = market.pairs;
      // The first subscription with deltas: what came before it was not counted.
      expect(deltas.deltaCount).toBe((beats - 1) * SYMBOLS.length);
    },
  );

  test('that resumes costs those beside it one whole forecast of each symbol', () => {
    const market = new Market();
    const wish = { symbols: ['*'], maxRateHz: null, encoding: 'json' } as const;
    const beat = (seed: number): void => {
      for (const symbol of SYMBOLS) market.act({ kind: 'tick', symbol, seed });
      market.act({ kind: 'flush', passMs: 100 });
    };
    beat(0);
    market.act({ kind: 'join', pair: 0, wish });
    market.act({ kind: 'join', pair: 1, wish });
    beat(1);
    beat(2);
    market.act({ kind: 'resume', pair: 1 });
    const [{ deltas: beside }, { deltas: back }] = market.pairs;
    const before = beside.deltaCount;
    beat(3);
    expect(beside.deltaCount).toBe(before);
    beat(4);
    expect(beside.deltaCount).toBe(before + SYMBOLS.length);
    expect(back.heard).toEqual(beside.heard);
  });

  test('whose base is not the one that is meant holds nothing any more, and asks for what follows', () => {
    const market = new Market();
    market.act({ kind: 'tick', symbol: 'a:x', seed: 1 });
    market.act({
      kind: 'join',
      pair: 0,
      wish: { symbols: ['*'], maxRateHz: null, encoding: 'json' },
    });
    const [{ deltas, plain }] = market.pairs;
    const beat = (seed: number): void => {
      market.act({ kind: 'tick', symbol: 'a:x', seed });
      market.act({ kind: 'flush', passMs: 100 });
    };
    beat(2);
    deltas.isDeaf = true;
    beat(3);
    deltas.isDeaf = false;
    // A frame is lost: its cover shows it. One whose cover joins up, as by a fault of the server, shows by its base.
    deltas.coversAreMended = true;
    beat(4);
    expect(deltas.surprises).toBe(1);
    deltas.coversAreMended = false;
    market.settle();
    beat(5);
    beat(6);
    expect(deltas.heard).toEqual(plain.heard);
    expect(deltas.deltaCount).toBe(2);
  });
});

interface Wish {
  readonly symbols: readonly string[];
  readonly maxRateHz: number | null;
  readonly encoding: Encoding;
}

type Act =
  | { readonly kind: 'tick'; readonly symbol: string; readonly seed: number }
  | { readonly kind: 'skip' }
  | { readonly kind: 'flush'; readonly passMs: number }
  | { readonly kind: 'join'; readonly pair: number; readonly wish: Wish }
  | { readonly kind: 'leave' | 'resume' | 'stall' | 'catchUp'; readonly pair: number }
  | { readonly kind: 'allow'; readonly pair: number; readonly symbols: readonly string[] };

function anAct(): fc.Arbitrary<Act> {
  const pair = fc.nat({ max: 3 });
  const symbols = fc.constantFrom<readonly string[]>(['*'], ['a:*'], ['a:x'], ['b:z', 'a:y']);
  const wish = fc.record({
    symbols,
    maxRateHz: fc.constantFrom(null, 1, 10),
    encoding: fc.constantFrom<Encoding>('json', 'msgpack'),
  });
  const of = (weight: number, arbitrary: fc.Arbitrary<Act>) => ({ weight, arbitrary });
  const kind = fc.constantFrom(
    'leave' as const,
    'resume' as const,
    'stall' as const,
    'catchUp' as const,
  );
  return fc.oneof(
    of(
      40,
      fc.record({
        kind: fc.constant('tick'),
        symbol: fc.constantFrom(...SYMBOLS),
        seed: fc.nat({ max: 99 }),
      }),
    ),
    of(1, fc.record({ kind: fc.constant('skip') })),
    of(20, fc.record({ kind: fc.constant('flush'), passMs: fc.constantFrom(10, 100, 1_000) })),
    of(4, fc.record({ kind: fc.constant('join'), pair, wish })),
    of(6, fc.record({ kind, pair })),
    of(2, fc.record({ kind: fc.constant('allow'), pair, symbols })),
  );
}

/** A feed, and pairs of clients that do the same at the same time, one of them with deltas. */
class Market {
  readonly pairs: readonly { readonly plain: Client; readonly deltas: Client }[];
  readonly #feed = new LiveFeed({ run: RUN, partitionCount: 2, ringEntries: 64 });
  readonly #origins = new Map<string, number>();
  readonly #lastSrc = [-1n, -1n];
  #nowMs = 0;

  constructor() {
    this.pairs = Array.from({ length: 4 }, () => ({
      plain: new Client(false),
      deltas: new Client(true),
    }));
  }

  act(act: Act): void {
    if (act.kind === 'tick') this.#tick(act.symbol, act.seed);
    else if (act.kind === 'skip') this.#lastSrc[0] += 1n;
    else if (act.kind === 'flush') this.#flush(act.passMs);
    else {
      const { plain, deltas } = this.pairs[act.pair];
      for (const client of [plain, deltas]) this.#actOf(client, act);
    }
    this.#mend();
  }

  /** Everybody reads all there is. */
  settle(): void {
    for (const { plain, deltas } of this.pairs) plain.isStalled = deltas.isStalled = false;
    this.#mend();
    this.#flush(2_000);
    this.#mend();
  }

  #actOf(client: Client, act: Exclude<Act, { readonly kind: 'tick' | 'skip' | 'flush' }>): void {
    if (act.kind === 'join') {
      client.wish = act.wish;
      this.#subscribe(client, null);
    } else if (act.kind === 'leave') this.#feed.leave(client, ['forecasts']);
    else if (act.kind === 'stall') client.isStalled = true;
    else if (act.kind === 'catchUp') client.isStalled = false;
    else if (act.kind === 'resume') {
      this.#feed.leave(client, ['forecasts']);
      client.reader.begin(RUN);
      this.#subscribe(client, client.reader.position);
    } else if (act.kind === 'allow') {
      this.#feed.refilter(client, 'forecasts', symbolFilter(act.symbols), this.#nowMs);
    }
  }

  #tick(symbol: string, seed: number): void {
    const partition = symbol.startsWith('a') ? 0 : 1;
    const origin = this.#origins.get(symbol) ?? 0;
    this.#origins.set(symbol, origin + 1);
    const prev = this.#lastSrc[partition];
    this.#lastSrc[partition] = prev + 2n;
    const isOdd = seed === 7;
    const horizons = aForecast().horizons.map((horizon) => ({
      ...horizon,
      quantiles: Float32Array.from(horizon.quantiles, (one) => one * (1 + seed / 1_000)),
      weights: Uint8Array.of(seed % 3, 255 - (seed % 3)),
    }));
    const forecast = aForecast({
      ...{
        symbol,
        origin,
        originValue: 94 + seed / 77,
        horizons: isOdd ? horizons.slice(1) : horizons,
      },
      modelSha: seed > 90 ? 'cd' : 'ab',
    });
    const entries = [{ src: prev + 2n, prev, forecasts: [forecast] }];
    this.#feed.takeForecasts(partition, { levels: [0.25, 0.5, 0.75], entries }, this.#nowMs);
  }

  #flush(passMs: number): void {
    this.#nowMs += passMs;
    this.#feed.flush(this.#nowMs);
  }

  /** Who misses something asks for it, as clients do. */
  #mend(): void {
    for (const { plain, deltas } of this.pairs)
      for (const client of [plain, deltas])
        if (client.isLost && !client.isStalled) this.#subscribe(client, client.reader.position);
  }

  #subscribe(client: Client, position: SubscribeParams['position'] | null): void {
    if (client.isStalled) return;
    client.isLost = false;
    const { symbols, maxRateHz } = client.wish;
    const params: SubscribeParams = {
      ...{ channels: ['forecasts'], symbols, delta: client.delta },
      ...(maxRateHz === null ? {} : { maxRateHz }),
      ...(position === null ? {} : { position }),
    };
    subscribe({
      ...{ feed: this.#feed, receiver: client, params, filter: symbolFilter(symbols) },
      ...{ nowMs: this.#nowMs, recoveryBytes: 1e6, acknowledge: () => {} },
    });
  }
}

class Client implements Receiver {
  wish: Wish = { symbols: ['*'], maxRateHz: null, encoding: 'json' };
  readonly delta: boolean;
  readonly reader: UpdateReader;
  /** In order; a snapshot's as a list of its own. */
  readonly heard: (WireForecast | readonly WireForecast[])[] = [];
  deltaCount = 0;
  /** Updates that followed on the position, but could not be read. */
  surprises = 0;
  isStalled = false;
  isLost = false;
  isDeaf = false;
  coversAreMended = false;

  constructor(delta: boolean) {
    this.delta = delta;
    this.reader = new UpdateReader({ delta });
  }

  get encoding(): Encoding {
    return this.wish.encoding;
  }

  isBehind(): boolean {
    return this.isStalled;
  }

  send({ payload, kind }: WireFrame): void {
    if (this.isDeaf) return;
    const text = () => Buffer.from(payload).toString();
    this.#take(
      (kind === 'text' ? JSON.parse(text()) : decode(payload)) as SentUpdate | SnapshotMessage,
    );
  }

  #take(message: SentUpdate | SnapshotMessage): void {
    if (message.type === 'snapshot') {
      this.isLost = false;
      this.heard.push(message.forecasts);
      this.reader.restart(message);
      return;
    }
    if (this.isLost) return;
    this.deltaCount += message.forecasts.filter((one) => 'from' in one).length;
    const covers = this.coversAreMended ? {} : message.covers;
    const fresh = this.reader.fresh({ ...message, covers });
    if (fresh === null) {
      this.isLost = true;
      if (this.coversAreMended || !this.#hasGap(message)) this.surprises += 1;
      return;
    }
    this.heard.push(...fresh);
    this.reader.advance(message);
  }

  #hasGap({ covers }: SentUpdate): boolean {
    const src = this.reader.position?.src ?? {};
    return Object.entries(covers).some(
      ([partition, { after }]) => BigInt(after) > BigInt(src[partition] ?? -1),
    );
  }
}
