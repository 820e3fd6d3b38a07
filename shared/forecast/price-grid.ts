import { expm1, log1p } from '#shared/numeric/elementary.ts';

/**
 * Moves offsets to the nearest price that can be traded. One tick ahead the price moves by whole steps, mostly none, so a quantile
 * between two of them is never right; and a truth that equals a quantile is then seen to.
 *
 * @param offsets basis points of log return, never decreasing, from `at`
 * @param price   of the origin, quote currency
 * @param step    smallest step of the price, above 0
 */
export function snapToGrid(
  offsets: Float32Array,
  at: number,
  count: number,
  { price, step }: { readonly price: number; readonly step: number },
): void {
  // No price is below one step.
  const fewest = 1 - Math.floor(price / step + 0.5);
  const stepOffset = (1e4 * step) / price;
  let offset = 0;
  // Below this the nearest step is the one before: most neighbours share a step, and need no logarithm of their own.
  let next = Number.NEGATIVE_INFINITY;
  for (let l = at; l < at + count; l += 1) {
    if (offsets[l] >= next) {
      const change = (expm1(offsets[l] / 1e4) * price) / step;
      const steps = Math.max(fewest, Math.floor(change + 0.5));
      offset = 1e4 * log1p((steps * step) / price);
      next = offset + 0.45 * stepOffset;
    }
    offsets[l] = offset;
  }
}
