import { ln } from '../numeric/elementary.ts';

/**
 * The one source of chance: xoshiro128** (Blackman & Vigna 2018) on a state filled by splitmix32 from the seed. Equal seeds give
 * equal sequences on every platform. Not for secrets.
 */
export class Random {
  private a: number;
  private b: number;
  private c: number;
  private d: number;
  private spare = Number.NaN;

  /** @param seed a whole number (its low 32 bits count) or any text */
  constructor(seed: number | string) {
    let state = typeof seed === 'number' ? seed >>> 0 : hashOf(seed);
    const fill = (): number => {
      state = (state + 0x9e3779b9) >>> 0;
      let z = state ^ (state >>> 16);
      z = Math.imul(z, 0x21f0aaad);
      z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
      return (z ^ (z >>> 15)) >>> 0;
    };
    this.a = fill();
    this.b = fill();
    this.c = fill();
    this.d = fill();
  }

  /** 32 random bits. */
  bits(): number {
    const scrambled = Math.imul(this.b, 5);
    const result = Math.imul((scrambled << 7) | (scrambled >>> 25), 9) >>> 0;
    const shifted = this.b << 9;
    this.c ^= this.a;
    this.d ^= this.b;
    this.b ^= this.c;
    this.a ^= this.d;
    this.c ^= shifted;
    this.d = (this.d << 11) | (this.d >>> 21);
    return result;
  }

  /**
   * Fills the first `count` numbers: `low` where `bits()` would be below `threshold`, else `high`. The state stays in local
   * variables meanwhile, which makes it three times as fast as that many calls.
   */
  fillChoices(
    into: Float32Array | Float64Array,
    count: number,
    threshold: number,
    low: number,
    high: number,
  ): void {
    let a = this.a | 0;
    let b = this.b | 0;
    let c = this.c | 0;
    let d = this.d | 0;
    for (let k = 0; k < count; k++) {
      const scrambled = Math.imul(b, 5);
      const bits = Math.imul((scrambled << 7) | (scrambled >>> 25), 9) >>> 0;
      into[k] = bits < threshold ? low : high;
      const shifted = b << 9;
      c ^= a;
      d ^= b;
      b ^= c;
      a ^= d;
      c ^= shifted;
      d = (d << 11) | (d >>> 21);
    }
    this.a = a;
    this.b = b;
    this.c = c;
    this.d = d;
  }

  /** Uniform in [0, 1), 53 bits. */
  next(): number {
    const high = this.bits() >>> 5;
    return (high * 67108864 + (this.bits() >>> 6)) / 9007199254740992;
  }

  /** Standard normal (Marsaglia's polar method 1964). */
  normal(): number {
    if (!Number.isNaN(this.spare)) {
      const kept = this.spare;
      this.spare = Number.NaN;
      return kept;
    }
    let u = 0;
    let v = 0;
    let s = 0;
    do {
      u = 2 * this.next() - 1;
      v = 2 * this.next() - 1;
      s = u * u + v * v;
    } while (s >= 1 || s === 0);
    const factor = Math.sqrt((-2 * ln(s)) / s);
    this.spare = v * factor;
    return u * factor;
  }

  /** Exponential with mean 1. */
  exponential(): number {
    return -ln(1 - this.next());
  }

  /** Uniform whole number in [0, below); `below` at most 2^32. */
  integer(below: number): number {
    return Math.floor(this.next() * below);
  }
}

/** FNV-1a over UTF-16 units, 32 bit. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let k = 0; k < text.length; k++) hash = Math.imul(hash ^ text.charCodeAt(k), 0x01000193);
  return hash >>> 0;
}
