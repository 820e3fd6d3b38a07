import { describe, expect, test } from 'vitest';
import { Random } from '#shared/nn/random.ts';
import { cos, exp, expm1, ln, log1p, sigmoid, sin, tanh } from '#shared/numeric/elementary.ts';

const random = new Random(1);
const uniform = (low: number, high: number): number => low + (high - low) * random.next();

/** The largest relative error against `truth` over `count` random arguments. */
function worst(
  ours: (x: number) => number,
  truth: (x: number) => number,
  draw: () => number,
  count = 200_000,
): number {
  let largest = 0;
  for (let k = 0; k < count; k++) {
    const x = draw();
    const right = truth(x);
    const error = Math.abs(ours(x) - right) / Math.abs(right);
    if (error > largest) largest = error;
    if (Number.isNaN(error)) throw new Error(`NaN at ${x}`);
  }
  return largest;
}

const wide = (): number => (random.next() < 0.5 ? 1 : -1) * 10 ** uniform(-300, 2.5);

describe('our elementary functions agree with Math to a few units of the last place', () => {
  test.each([
    ['exp', worst(exp, Math.exp, () => uniform(-700, 709)), 5e-16],
    ['exp of small', worst(exp, Math.exp, wide), 5e-16],
    ['ln', worst(ln, Math.log, () => 10 ** uniform(-307, 308)), 5e-16],
    ['ln near 1', worst(ln, Math.log, () => uniform(0.5, 2)), 5e-16],
    ['log1p', worst(log1p, Math.log1p, () => uniform(-0.999, 3)), 1e-15],
    ['log1p of tiny', worst(log1p, Math.log1p, () => 10 ** uniform(-300, -1)), 1e-15],
    ['expm1', worst(expm1, Math.expm1, () => uniform(-5, 5)), 1e-15],
    ['expm1 of any size', worst(expm1, Math.expm1, wide), 1e-15],
    ['tanh', worst(tanh, Math.tanh, () => uniform(-25, 25)), 1e-15],
    ['tanh of any size', worst(tanh, Math.tanh, wide), 1e-15],
    [
      'sigmoid',
      worst(
        sigmoid,
        (x) => 1 / (1 + Math.exp(-x)),
        () => uniform(-30, 40),
      ),
      1e-15,
    ],
    ['sin', worst(sin, Math.sin, () => uniform(-3.1, 3.1)), 1e-15],
    ['sin of tiny', worst(sin, Math.sin, () => 10 ** uniform(-300, 0)), 1e-15],
    ['cos', worst(cos, Math.cos, () => uniform(-1.5, 1.5)), 1e-15],
  ] as const)('%s: %d', (_name, error, bound) => {
    expect(error).toBeLessThan(bound);
  });

  test('sin and cos hold an absolute 4e-16 up to 1e6, and up to the largest double', () => {
    for (const size of [10, 1e3, 1e6, 1e9, 1e16, 1e100, 1.7e308]) {
      for (let k = 0; k < 2000; k++) {
        const x = size * uniform(-1, 1);
        expect(Math.abs(sin(x) - Math.sin(x))).toBeLessThan(4e-16);
        expect(Math.abs(cos(x) - Math.cos(x))).toBeLessThan(4e-16);
      }
    }
    expect(sin(Math.PI)).toBeCloseTo(Math.sin(Math.PI), 30);
  });
});

describe('edges', () => {
  test('NaN gives NaN', () => {
    for (const f of [exp, ln, log1p, expm1, tanh, sigmoid, sin, cos])
      expect(f(Number.NaN)).toBeNaN();
  });

  test('infinities, zeros and the ends of the range are as in Math', () => {
    const edges = [
      0,
      -0,
      1,
      -1,
      Infinity,
      -Infinity,
      5e-324,
      -5e-324,
      1e-310,
      2.2250738585072014e-308,
    ];
    edges.push(
      1.7976931348623157e308,
      -1.7976931348623157e308,
      709.782712893384,
      709.8,
      -745.2,
      -746,
    );
    const pairs = [
      [exp, Math.exp],
      [ln, Math.log],
      [log1p, Math.log1p],
      [expm1, Math.expm1],
      [tanh, Math.tanh],
    ] as const;
    for (const [ours, truth] of pairs) {
      for (const x of edges) {
        const right = truth(x);
        const bound = Math.max(Math.abs(right) * 1e-15, 5e-324);
        if (Number.isFinite(right)) expect(Math.abs(ours(x) - right)).toBeLessThanOrEqual(bound);
        else expect(ours(x)).toBe(right);
      }
    }
    expect([sigmoid(Infinity), sigmoid(-Infinity), sin(0), cos(0)]).toEqual([1, 0, 0, 1]);
    expect([sin(Infinity), cos(-Infinity)]).toEqual([Number.NaN, Number.NaN]);
  });

  test('subnormal results of exp differ from Math by at most their smallest step', () => {
    for (let x = -745; x < -708; x += 0.0137) {
      expect(Math.abs(exp(x) - Math.exp(x))).toBeLessThanOrEqual(5e-324 + Math.exp(x) * 5e-16);
    }
  });
});

test('rising functions never fall, seams included', () => {
  for (const f of [exp, expm1, tanh, sigmoid]) {
    let last = f(-40);
    for (let k = 1; k <= 800_000; k++) {
      const y = f(-40 + k * 1e-4);
      if (y < last) throw new Error(`${f.name} fell at ${-40 + k * 1e-4}`);
      last = y;
    }
  }
  let last = ln(1e-3);
  for (let k = 1; k <= 500_000; k++) {
    const y = ln(1e-3 + k * 1e-5);
    if (y < last) throw new Error(`ln fell at ${1e-3 + k * 1e-5}`);
    last = y;
  }
});

test('tanh and sigmoid stay inside their bounds', () => {
  for (let k = 0; k < 100_000; k++) {
    const x = wide();
    expect(Math.abs(tanh(x)) <= 1 && sigmoid(x) >= 0 && sigmoid(x) <= 1).toBe(true);
  }
});
