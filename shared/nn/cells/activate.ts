import { exp, expm1 } from '../../numeric/elementary.ts';
import type { Floats } from '../add-product.ts';

// Over arrays and not one by one: V8 keeps a result in a register only where it inlines the call, and a cell calls more than it
// inlines. Each other call boxes its result, which costs a tenth of a step and leaves garbage.

/** into[k] = sigmoid(from[k]), the bits of elementary.ts; float64, since e^-|x| waits there. */
export function sigmoids(
  count: number,
  from: Floats,
  fromAt: number,
  into: Float64Array,
  intoAt: number,
): void {
  for (let k = 0; k < count; k++) into[intoAt + k] = exp(-Math.abs(from[fromAt + k]));
  for (let k = 0; k < count; k++) {
    const e = into[intoAt + k];
    into[intoAt + k] = (from[fromAt + k] >= 0 ? 1 : e) / (1 + e);
  }
}

/** into[k] = tanh(from[k]), the bits of elementary.ts; float64, since e^2|x| - 1 waits there. */
export function tanhs(
  count: number,
  from: Floats,
  fromAt: number,
  into: Float64Array,
  intoAt: number,
): void {
  for (let k = 0; k < count; k++) into[intoAt + k] = expm1(2 * Math.abs(from[fromAt + k]));
  for (let k = 0; k < count; k++) {
    const x = from[fromAt + k];
    const t = into[intoAt + k];
    const y = Math.abs(x) < 0.5 ? t / (t + 2) : 1 - 2 / (t + 2);
    into[intoAt + k] = x < 0 ? -y : y;
  }
}

/** into[k] = max(0, from[k]). NaN stays NaN. */
export function relus(
  count: number,
  from: Floats,
  fromAt: number,
  into: Float64Array,
  intoAt: number,
): void {
  for (let k = 0; k < count; k++) into[intoAt + k] = Math.max(0, from[fromAt + k]);
}
