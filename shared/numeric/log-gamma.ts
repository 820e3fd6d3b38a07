import { ln } from './elementary.ts';

/** From here on the series below are exact to the last bits. */
const LARGE = 12;
const HALF_LN_TWO_PI = 0.9189385332046728;

/**
 * ln of the gamma function for x > 0, by Stirling's series with eight terms (Abramowitz & Stegun 1964, 6.1.41); below 12 by
 * gamma(x + 1) = x gamma(x) upwards to it. Measured error against mpmath on [1e-300, 1e300]: at most 6e-15 max(1, |result|), which
 * near its zeros at 1 and 2 is an absolute error. Infinity at 0, NaN below.
 */
export function logGamma(x: number): number {
  if (!(x > 0)) return x === 0 ? Infinity : Number.NaN;
  if (x === Infinity) return x;
  // (x - 1/2) ln x overflows only where the result does.
  if (x >= LARGE) return (x - 0.5) * (ln(x) - 1) - 0.5 + HALF_LN_TWO_PI + stirlingTail(x);
  let product = 1;
  let large = x;
  for (; large < LARGE; large += 1) product *= large;
  return (large - 0.5) * ln(large) - large + HALF_LN_TWO_PI + stirlingTail(large) - ln(product);
}

/** Sum of B_2k / (2k (2k - 1) x^(2k - 1)), k = 1 to 8; the first term left out is below 2e-19 at 12. */
function stirlingTail(x: number): number {
  const z = 1 / x / x;
  const sum =
    1 / 12 +
    z *
      (-1 / 360 +
        z *
          (1 / 1260 +
            z *
              (-1 / 1680 +
                z * (1 / 1188 + z * (-691 / 360360 + z * (1 / 156 + z * (-3617 / 122400)))))));
  return sum / x;
}

/**
 * The derivative of `logGamma` for x > 0 (Abramowitz & Stegun 1964, 6.3.18 with nine terms, 6.3.5 below 12). Measured error
 * against mpmath: at most 3e-15 max(1, |result|). -Infinity at 0, NaN below.
 */
export function digamma(x: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : Number.NaN;
  let below = 0;
  let large = x;
  for (; large < LARGE; large += 1) below += 1 / large;
  const z = 1 / large / large;
  const tail =
    1 / 12 -
    z *
      (1 / 120 -
        z *
          (1 / 252 -
            z * (1 / 240 - z * (1 / 132 - z * (691 / 32760 - z * (1 / 12 - z * (3617 / 8160)))))));
  return ln(large) - 0.5 / large - z * tail - below;
}
