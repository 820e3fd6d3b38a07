import type { SymbolName } from '#shared/market/symbol.ts';
import { crc32 } from '#shared/numeric/crc32.ts';

/**
 * The probability integral transform of what happened under stated quantiles. Where it ties with quantiles (a point mass, as at
 * a return of zero) or falls between two, it is spread over their cells by `uniform`, so that a calibrated forecast gives a
 * uniform PIT even for a discrete price (Czado, Gneiting and Held 2009).
 *
 * @param edges 0, the levels, 1
 * @param tie how far apart still counts as equal, in the unit of the quantiles
 * @param uniform in [0, 1)
 */
export function randomisedPit(
  quantiles: Float32Array,
  at: number,
  happened: number,
  edges: readonly number[],
  { tie, uniform }: { readonly tie: number; readonly uniform: number },
): number {
  const levelCount = edges.length - 2;
  let below = 0;
  let upTo = 0;
  for (let l = 0; l < levelCount; l += 1) {
    const quantile = quantiles[at + l];
    if (quantile < happened - tie) below += 1;
    if (quantile <= happened + tie) upTo += 1;
  }
  const low = edges[below];
  const high = edges[Math.min(upTo + 1, levelCount + 1)];
  return low + uniform * (high - low);
}

/**
 * A number in [0, 1) that depends on the arguments only, so that scores are repeatable (the finaliser of MurmurHash3, Appleby).
 */
export function uniformOf(key: number, count: number): number {
  let h = (key ^ Math.imul(count, 0x9e3779b1)) >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return ((h ^ (h >>> 16)) >>> 0) / 4294967296;
}

/** A symbol's own stream of those numbers. */
export function symbolKey(symbol: SymbolName): number {
  return crc32(new TextEncoder().encode(symbol));
}
