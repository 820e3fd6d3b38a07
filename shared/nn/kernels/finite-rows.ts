import type { Floats } from '../add-product.ts';

/** Rows of `count` numbers that hold one which is not finite. */
export function countNotFinite(rows: number, values: Floats, at: number, count: number): number {
  let found = 0;
  for (let r = 0; r < rows; r++) {
    // One NaN or infinity makes x - x differ from 0.
    let sum = 0;
    for (let k = at + r * count; k < at + (r + 1) * count; k++) sum += values[k] - values[k];
    if (sum !== 0) found += 1;
  }
  return found;
}
