/**
 * The elementary functions of everything that reaches state or a forecast, in float64. Engines differ in the last bits of
 * `Math.exp` and its kin; these use only `+ - * /`, whole-number rounding and exact bit operations, so every platform agrees
 * to the bit. Range reduction, then the Taylor series cut where its rest is below 1e-17 of the result. Measured errors stand
 * in test/unit/shared/numeric/elementary.test.ts: at most 4e-16 relative for exp, ln, sin and cos away from their zeros.
 */

const word = new Float64Array(1);
const halves = new Uint32Array(word.buffer);
// The half that holds sign, exponent and the upper 20 bits of the fraction, on either byte order.
const HIGH = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 1 : 0;

// ln 2 as 33 leading bits and the rest: k * LN2_HIGH is exact for every exponent k.
const LN2_HIGH = 0.6931471804855391;
const LN2_LOW = 7.440617110012397e-11;
const SMALLEST_EXPONENT = -1074;
const POWERS_OF_TWO = powersOfTwo();

/** e^x; 0 below -745.14, Infinity above 709.79. */
export function exp(x: number): number {
  if (!(x <= 709.782712893384)) return x > 0 ? Infinity : x;
  if (x < -745.1332191019412) return 0;
  const k = Math.floor(x * Math.LOG2E + 0.5);
  const r = x - k * LN2_HIGH - k * LN2_LOW;
  const y = 1 + (r + r * r * expTail(r));
  if (k > 1023) return y * 2 * power(1023);
  return k < SMALLEST_EXPONENT ? y * 0.5 * power(SMALLEST_EXPONENT) : y * power(k);
}

/** e^x - 1 without loss near 0. */
export function expm1(x: number): number {
  if (x > -0.35 && x < 0.35) return x + x * x * expTail(x);
  return exp(x) - 1;
}

/** (e^r - 1 - r) / r^2 for |r| <= .35: the series to r^14 / 14!, even and odd terms apart to shorten the chain of sums. */
function expTail(r: number): number {
  const z = r * r;
  const even =
    1 / 2 +
    z *
      (1 / 24 +
        z *
          (1 / 720 + z * (1 / 40320 + z * (1 / 3628800 + z * (1 / 479001600 + z / 87178291200)))));
  const odd =
    1 / 6 + z * (1 / 120 + z * (1 / 5040 + z * (1 / 362880 + z * (1 / 39916800 + z / 6227020800))));
  return even + r * odd;
}

/** Natural logarithm; -Infinity at 0, NaN below. */
export function ln(x: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : Number.NaN;
  if (x === Infinity) return x;
  let k = 0;
  word[0] = x;
  if (halves[HIGH] < 0x00100000) {
    word[0] = x * 18014398509481984;
    k = -54;
  }
  k += (halves[HIGH] >>> 20) - 1023;
  halves[HIGH] = (halves[HIGH] & 0x000fffff) | 0x3ff00000;
  let m = word[0];
  if (m > Math.SQRT2) {
    m *= 0.5;
    k += 1;
  }
  return lnOf(m - 1, k);
}

/**
 * k ln 2 + ln(1 + f) for 1 + f in [1/sqrt 2, sqrt 2]. With s = f / (2 + f): ln(1 + f) = 2 atanh(s) = f - (f^2/2 - s (f^2/2 + R)),
 * R = 2 (s^2/3 + s^4/5 + ...); f itself is exact, so nothing is lost near 1.
 */
function lnOf(f: number, k: number): number {
  const s = f / (2 + f);
  const z = s * s;
  const w = z * z;
  const odd = 2 / 3 + w * (2 / 7 + w * (2 / 11 + w * (2 / 15 + w * (2 / 19 + w * (2 / 23)))));
  const even = 2 / 5 + w * (2 / 9 + w * (2 / 13 + w * (2 / 17 + w * (2 / 21))));
  const rest = z * (odd + z * even);
  const half = 0.5 * f * f;
  return k * LN2_HIGH - (half - (s * (half + rest) + k * LN2_LOW) - f);
}

/** ln(1 + x) without loss near 0: the rounding of 1 + x is undone to first order (Kahan). */
export function log1p(x: number): number {
  const u = 1 + x;
  if (u === 1 || x === Infinity) return x;
  if (!(u > 0)) return u === 0 ? -Infinity : Number.NaN;
  return ln(u) * (x / (u - 1));
}

/** Hyperbolic tangent, in [-1, 1]. */
export function tanh(x: number): number {
  const a = Math.abs(x);
  if (a >= 22) return x > 0 ? 1 : -1;
  if (!(a < 22)) return x;
  const t = expm1(2 * a);
  const y = a < 0.5 ? t / (t + 2) : 1 - 2 / (t + 2);
  return x < 0 ? -y : y;
}

/** 1 / (1 + e^-x), in [0, 1]. */
export function sigmoid(x: number): number {
  if (x >= 0) return 1 / (1 + exp(-x));
  const e = exp(x);
  return e / (1 + e);
}

/** Sine of radians; NaN at infinity. */
export function sin(x: number): number {
  return sineOfQuarter(reduceToQuarter(x), quarter);
}

/** Cosine of radians; NaN at infinity. */
export function cos(x: number): number {
  return sineOfQuarter(reduceToQuarter(x), quarter + 1);
}

// pi / 2 in three parts of which the first two have 33 bits: n * part is exact up to n = 2^20.
const QUARTER_HIGH = 1.5707963267341256;
const QUARTER_MIDDLE = 6.077100506303966e-11;
const QUARTER_LOW = 2.0222662487959506e-21;
// 2 / pi as 1,216 bits behind the point: enough for the largest double.
const TWO_OVER_PI = BigInt(
  '0xa2f9836e4e441529fc2757d1f534ddc0db6295993c439041fe5163abdebbc561b7246e3a424dd2e006492eea09d1921cfe1deb1cb129a73ee88235f52ebb4484e99c7026b45f7e413991d639835339f49c845f8bbdf9283b1ff897ffde05980fef2f118b5a0a6d1f6d367ecf27cb09b74f463f669e5fea2d7527bac7ebe5f17b3d0739f78a5292ea6bfb5fb11f8d5d0856033046fc7b6bab',
);
const TWO_OVER_PI_BITS = 1216n;

/** Which quarter turn (mod 4) the last reduced argument lies in. */
let quarter = 0;

/** x minus the nearest multiple of pi / 2, in [-pi/4, pi/4]; leaves the multiple in `quarter`. */
function reduceToQuarter(x: number): number {
  if (!(Math.abs(x) < Infinity)) return Number.NaN;
  if (Math.abs(x) > 1e6) return reduceHuge(x);
  const n = Math.floor(x * (2 / Math.PI) + 0.5);
  quarter = n & 3;
  return x - n * QUARTER_HIGH - n * QUARTER_MIDDLE - n * QUARTER_LOW;
}

/** The same in exact whole numbers (Payne & Hanek 1983): x * 2/pi modulo 4, of which the fraction is the argument in quarters. */
function reduceHuge(x: number): number {
  word[0] = Math.abs(x);
  const exponent = BigInt((halves[HIGH] >>> 20) - 1075);
  const fraction =
    (BigInt((halves[HIGH] & 0x000fffff) | 0x00100000) << 32n) | BigInt(halves[1 - HIGH]);
  const shift = TWO_OVER_PI_BITS - exponent;
  const product = BigInt.asUintN(Number(shift) + 2, fraction * TWO_OVER_PI);
  const turns = (product + (1n << (shift - 1n))) >> shift;
  const rest = product - (turns << shift);
  const sign = x < 0 ? -1 : 1;
  quarter = (sign * Number(turns)) & 3;
  // 80 bits keep 53 significant ones unless the first 27 cancel.
  return sign * (Number(rest >> (shift - 80n)) * power(-80)) * (Math.PI / 2);
}

/** sin(r + turns * pi / 2) for |r| <= pi / 4. */
function sineOfQuarter(r: number, turns: number): number {
  const y = turns % 2 === 0 ? sineNearZero(r) : cosineNearZero(r);
  return (turns & 2) === 0 ? y : -y;
}

function sineNearZero(r: number): number {
  const z = r * r;
  const tail =
    -1 / 6 +
    z *
      (1 / 120 +
        z *
          (-1 / 5040 +
            z *
              (1 / 362880 +
                z *
                  (-1 / 39916800 +
                    z * (1 / 6227020800 + z * (-1 / 1307674368000 + z / 355687428096000))))));
  return r + r * z * tail;
}

function cosineNearZero(r: number): number {
  const z = r * r;
  const tail =
    1 / 24 +
    z *
      (-1 / 720 +
        z *
          (1 / 40320 +
            z *
              (-1 / 3628800 + z * (1 / 479001600 + z * (-1 / 87178291200 + z / 20922789888000)))));
  const half = 0.5 * z;
  const w = 1 - half;
  return w + (1 - w - half + z * z * tail);
}

/** 2^k for k in [-1074, 1023]. */
function power(k: number): number {
  return POWERS_OF_TWO[k - SMALLEST_EXPONENT];
}

function powersOfTwo(): Float64Array {
  const powers = new Float64Array(1024 - SMALLEST_EXPONENT);
  powers[-SMALLEST_EXPONENT] = 1;
  for (let k = -SMALLEST_EXPONENT + 1; k < powers.length; k++) powers[k] = powers[k - 1] * 2;
  for (let k = -SMALLEST_EXPONENT - 1; k >= 0; k--) powers[k] = powers[k + 1] * 0.5;
  return powers;
}
