/**
 * The smallest step a symbol's price has been seen to make, learnt from the past only (a step that the source or the user tells
 * is never overruled). Rounded to 1e-8, so that floating-point dust is not taken for a step.
 *
 * @param known NaN before the first move
 */
export function learntPriceStep(known: number, before: number, price: number): number {
  const move = Math.round(Math.abs(price - before) * 1e8) / 1e8;
  if (move === 0) return known;
  return Number.isNaN(known) ? move : Math.min(known, move);
}

/** Share of the root mean square that stands for a step where none is known, as in a `value` series. */
const STEPLESS_SHARE = 0.1;

/** The step as an offset (basis points for a price); never zero. */
export function stepOffset(step: number, price: number, rms: number, isPrice: boolean): number {
  if (isPrice && step > 0) return (step / price) * 1e4;
  return STEPLESS_SHARE * rms;
}
