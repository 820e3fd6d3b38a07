/**
 * Sorts in place what is nearly sorted already, as quantiles are, in the order of `Float32Array.prototype.sort`: -0 before 0, NaN
 * last. Insertion sort, which then costs one pass; the built-in one copies its array first.
 */
export function sortRising(values: Float32Array, from: number, to: number): void {
  for (let k = from + 1; k < to; k += 1) {
    const value = values[k];
    let at = k;
    while (at > from && isAbove(values[at - 1], value)) {
      values[at] = values[at - 1];
      at -= 1;
    }
    values[at] = value;
  }
}

function isAbove(a: number, b: number): boolean {
  if (a < b) return false;
  if (a > b) return true;
  return a === b ? Object.is(b, -0) && !Object.is(a, -0) : Number.isNaN(a) && !Number.isNaN(b);
}
