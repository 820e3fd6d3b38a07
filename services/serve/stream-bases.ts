import { encode } from '@msgpack/msgpack';
import type { Encoding } from './message-encoding.ts';
import { type CountedForecast, countedForecast, deltaJson } from './wire-delta.ts';
import type { PlacedForecast } from './wire-forecast.ts';

/** A forecast of which deltas are wanted, with the one before it in the stream. */
export class Succession {
  readonly next: CountedForecast;
  readonly before: CountedForecast | null;
  #json: Uint8Array | null | undefined;
  #packed: Uint8Array | null = null;

  constructor(next: CountedForecast, before: CountedForecast | null) {
    this.next = next;
    this.before = before;
  }

  /** What has changed since the one before, made once for all who have that; null where it must be told whole. */
  bytes(encoding: Encoding): Uint8Array | null {
    if (this.#json === undefined) {
      this.#json = this.before === null ? null : deltaJson(this.before, this.next, 0);
    }
    if (this.#json === null || encoding === 'json') return this.#json;
    this.#packed ??= packed(this.#json);
    return this.#packed;
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

/** A delta's JSON as MessagePack. */
export function packed(json: Uint8Array): Uint8Array {
  return encode(JSON.parse(Buffer.from(json).toString('latin1'))).slice();
}
