import type { Floats } from '../add-product.ts';

/** Copies the first `count` numbers of every row; strides are the distances between rows. */
export function copyRows(
  rows: number,
  from: Floats,
  fromAt: number,
  fromStride: number,
  to: Floats,
  toAt: number,
  toStride: number,
  count: number,
): void {
  for (let r = 0; r < rows; r++) {
    for (let k = 0; k < count; k++) to[toAt + r * toStride + k] = from[fromAt + r * fromStride + k];
  }
}
