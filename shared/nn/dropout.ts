import type { Floats } from './add-product.ts';
import type { Random } from './random.ts';

/**
 * Draws inverted dropout (Srivastava et al. 2014): each factor is 0 with probability `ratio`, else 1 / (1 - ratio), so that the
 * mean stays and inference needs no factor.
 *
 * @param random null for inference: all factors are 1, nothing is drawn
 */
export function drawDropout(
  random: Random | null,
  ratio: number,
  count: number,
  factors: Floats,
): void {
  if (random === null || ratio === 0) {
    for (let k = 0; k < count; k++) factors[k] = 1;
    return;
  }
  random.fillChoices(factors, count, ratio * 4294967296, 0, 1 / (1 - ratio));
}
