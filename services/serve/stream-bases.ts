import { encode } from '@msgpack/msgpack';
import type { WireDelta } from '#shared/wire/message.ts';
import type { Encoding } from './message-encoding.ts';
import { type CountedForecast, countedForecast, wireDelta } from './wire-delta.ts';
import type { PlacedForecast } from './wire-forecast.ts';

/** A forecast of which deltas are wanted, with the one before it in the stream. */
export class Succession {
  readonly next: CountedForecast;
  readonly before: CountedForecast | null;
  #wire: WireDelta | null | undefined;
  readonly #bytes = new Map<Encoding, Uint8Array>();

  constructor(next: CountedForecast, before: CountedForecast | null) {
    this.next = next;
    this.before = before;
  }

  /** What has changed since the one before, made once for all who have that; null where it must be told whole. */
  bytes(encoding: Encoding): Uint8Array | null {
    if (this.#wire === undefined) {
      this.#wire = this.before === null ? null : wireDelta(this.before, this.next, 0);
    }
    if (this.#wire === null) return null;
    const bytes = this.#bytes.get(encoding) ?? deltaBytes(this.#wire, encoding);
    this.#bytes.set(encoding, bytes);
    return bytes;
  }
}

/** Who may want deltas. */
export interface DeltaWish {
  /** Null where all forecasts go whole. */
  readonly bases: object | null;
}

/** The newest forecast of each symbol of which deltas are wanted: the next one's is made from it. */
export class StreamBases {
  readonly #newest = new Map<string, CountedForecast>();
  #groupCount = 0;

  /** There is one more who wants deltas. */
  begin(): void {
    this.#groupCount += 1;
  }

  /** There is one less. */
  end(): void {
    this.#groupCount -= 1;
    if (this.#groupCount === 0) this.#newest.clear();
  }

  /** Before the forecast becomes JSON. Null where none of them wants its delta, and where it can only be told whole. */
  take(placed: PlacedForecast, groups: Iterable<DeltaWish>): Succession | null {
    if (this.#groupCount === 0 || !isWanted(groups)) return null;
    const before = this.#newest.get(placed.symbol) ?? null;
    const next = countedForecast(placed);
    if (next === null) return null;
    this.#newest.set(placed.symbol, next);
    return new Succession(next, before);
  }
}

function isWanted(groups: Iterable<DeltaWish>): boolean {
  for (const { bases } of groups) if (bases !== null) return true;
  return false;
}

export function deltaBytes(wire: WireDelta, encoding: Encoding): Uint8Array {
  return encoding === 'msgpack' ? encode(wire).slice() : Buffer.from(JSON.stringify(wire));
}
