import { expect, test } from 'vitest';
import { Random } from '#shared/nn/random.ts';

const draw = (seed: number | string, count: number): number[] => {
  const random = new Random(seed);
  return Array.from({ length: count }, () => random.bits());
};

test('the generator is xoshiro128** seeded by splitmix32: golden values of an independent implementation', () => {
  // test/golden/xoshiro.py, Python 3 whole numbers
  expect(draw(1, 4)).toEqual([393288148, 2174103013, 3814759091, 2092745082]);
  expect(draw('foretick', 4)).toEqual([108234144, 3820418766, 907569834, 3030962869]);
});

test('equal seeds give equal sequences and other seeds other ones', () => {
  expect(draw(7, 50)).toEqual(draw(7, 50));
  expect(draw('a', 50)).toEqual(draw('a', 50));
  expect(draw(7, 50)).not.toEqual(draw(8, 50));
  expect(draw('a', 50)).not.toEqual(draw('b', 50));
});

test('moments of uniform, normal and exponential are within five standard errors', () => {
  const random = new Random(3);
  const count = 200_000;
  const sums = { u: 0, uu: 0, n: 0, nn: 0, nnnn: 0, e: 0 };
  for (let k = 0; k < count; k++) {
    const u = random.next();
    const n = random.normal();
    sums.u += u;
    sums.uu += u * u;
    sums.n += n;
    sums.nn += n * n;
    sums.nnnn += n ** 4;
    sums.e += random.exponential();
  }
  const near = (sum: number, mean: number, deviation: number): void =>
    expect(Math.abs(sum / count - mean)).toBeLessThan((5 * deviation) / Math.sqrt(count));
  near(sums.u, 1 / 2, Math.sqrt(1 / 12));
  near(sums.uu, 1 / 3, Math.sqrt(4 / 45));
  near(sums.n, 0, 1);
  near(sums.nn, 1, Math.sqrt(2));
  near(sums.nnnn, 3, Math.sqrt(96));
  near(sums.e, 1, 1);
});

test('whole numbers cover their range evenly', () => {
  const random = new Random(5);
  const counts = new Array<number>(7).fill(0);
  for (let k = 0; k < 70_000; k++) counts[random.integer(7)] += 1;
  for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(500);
});

test('choices are those of as many calls, and the sequence goes on behind them', () => {
  const [one, other] = [new Random('choices'), new Random('choices')];
  const filled = new Float32Array(101).fill(9);
  one.fillChoices(filled, 100, 2 ** 31, 0, 1.25);
  const called = Array.from({ length: 100 }, () => (other.bits() < 2 ** 31 ? 0 : 1.25));
  expect([...filled]).toEqual([...called, 9]);
  expect(one.bits()).toBe(other.bits());
});
