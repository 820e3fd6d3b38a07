import type { CoverMark } from './cover-mark.ts';
import type { HeldForecast } from './gathered-forecasts.ts';
import type { Encoding } from './message-encoding.ts';
import { packed } from './stream-bases.ts';
import { type CountedForecast, deltaJson } from './wire-delta.ts';

/** What all members of a group have been sent, or have had in a snapshot: what deltas to them are made from. */
export class GroupBases {
  /** The newest that was sent; null where all are: then it is the one before in the stream. */
  readonly #sent: Map<string, CountedForecast> | null;
  #known: CoverMark | null = null;

  constructor(options: { readonly isConflated: boolean }) {
    this.#sent = options.isConflated ? new Map() : null;
  }

  /** A member joins that was not sent what was taken up to here: each symbol's next forecast goes whole, to all. */
  beginAt(mark: CoverMark): void {
    this.#known = mark;
  }

  /** Null: whole. */
  bytesOf({ placed, merged, succession }: HeldForecast, encoding: Encoding): Uint8Array | null {
    if (succession === null) return null;
    const { before } = succession;
    const base = this.#sent === null ? before : (this.#sent.get(placed.symbol) ?? null);
    if (base === null || !this.#has(base)) return null;
    if (base === before) return succession.bytes(encoding);
    const json = deltaJson(base, succession.next, merged);
    return json === null || encoding === 'json' ? json : packed(json);
  }

  /** To every member, or owed to those that are behind. */
  took(sent: readonly HeldForecast[]): void {
    if (this.#sent === null) return;
    for (const { placed, succession } of sent) {
      if (succession !== null) this.#sent.set(placed.symbol, succession.next);
    }
  }

  #has({ partition, src }: CountedForecast): boolean {
    return this.#known === null || src > (this.#known.upTo[partition] ?? -1n);
  }
}
