import type { Floats } from '../add-product.ts';
import type { Random } from '../random.ts';

/** `count` numbers from `at`, even within +-bound. */
export function fillUniform(
  into: Floats,
  at: number,
  count: number,
  bound: number,
  random: Random,
): void {
  for (let k = 0; k < count; k++) into[at + k] = (2 * random.next() - 1) * bound;
}
