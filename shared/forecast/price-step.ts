/** Significant digits of a price to which a move is rounded, so that floating-point dust is not taken for a step. */
const DIGITS = 12;

/**
 * The smallest step a symbol's price has been seen to make, learnt from the past only (a step that the source or the user tells
 * is never overruled).
 *
 * @param known NaN before the first move
 */
export function learntPriceStep(known: number, before: number, price: number): number {
  const move = Math.abs(price - before);
  // A move that is not smaller teaches nothing, and rounding costs.
  if (move === 0 || move > 1.5 * known) return known;
  const exponent = Number(Math.max(price, before).toExponential(0).split('e')[1]) - DIGITS;
  const unit = Number(`1e${Math.abs(exponent)}`);
  const step = exponent < 0 ? Math.round(move * unit) / unit : Math.round(move / unit) * unit;
  if (step === 0) return known;
  return Number.isNaN(known) ? step : Math.min(known, step);
}

/** Share of the root mean square that stands for a step where none is known, as in a `value` series. */
const STEPLESS_SHARE = 0.1;
/** Keeps quotients finite where nothing has ever moved, in whatever unit. */
const SMALLEST = 1e-150;

/** The step as an offset (basis points for a price); never zero. */
export function stepOffset(step: number, price: number, rms: number, isPrice: boolean): number {
  if (isPrice && step > 0) return (step / price) * 1e4;
  return Math.max(STEPLESS_SHARE * rms, SMALLEST);
}
