import { describe, expect, test } from 'vitest';
import { ScaleBreak } from '#shared/forecast/scale-break.ts';
import { Random } from '#shared/nn/random.ts';

const PATIENCE = 100;

/** @returns at which of the changes a break was seen, and the mean square that was told */
function seen(changes: readonly number[], scale = 1): { at: number; variance: number }[] {
  return seenBy(changes, () => scale);
}

/** As above, where the scale follows every change. @param known events before the first of the changes */
function seenFollowing(changes: readonly number[], known: number) {
  let square = 1;
  return seenBy(
    changes,
    (change) => {
      const scale = Math.sqrt(square);
      square += (change * change - square) / 300;
      return scale;
    },
    known,
  );
}

function seenBy(
  changes: readonly number[],
  scaleBefore: (change: number) => number,
  known = PATIENCE,
): { at: number; variance: number }[] {
  const watch = new ScaleBreak(PATIENCE);
  const state = new Float64Array(watch.slots);
  return changes.flatMap((change, at) => {
    const usual = { scale: scaleBefore(change), count: known + at };
    const variance = watch.observe(state, 0, change, usual);
    return variance > 0 ? [{ at, variance }] : [];
  });
}

function normals(count: number, scale: number): number[] {
  const random = new Random(5);
  return Array.from({ length: count }, () => scale * random.normal());
}

describe('a break is seen', () => {
  test('after a hundred moves where they have become a thousandth, with their mean square', () => {
    const [{ at, variance }] = seen(normals(150, 1e-3));
    expect(at).toBe(PATIENCE - 1);
    expect(variance).toBeGreaterThan(0.6e-6);
    expect(variance).toBeLessThan(1.4e-6);
  });

  test('where they have become a thousandfold', () => {
    const [{ at, variance }] = seen(normals(150, 1000));
    expect(at).toBeLessThan(80);
    expect(variance).toBeGreaterThan(0.5e6);
    expect(variance).toBeLessThan(1.5e6);
  });

  test('where they have become a thousandfold and the scale follows them at once', () => {
    const [{ at, variance }] = seenFollowing(normals(150, 1000), PATIENCE);
    expect(at).toBeLessThan(80);
    expect(variance).toBeGreaterThan(0.5e6);
    expect(variance).toBeLessThan(1.5e6);
  });

  test('among events without a move, which count in the mean square', () => {
    const sparse = normals(400, 1e-3).flatMap((change) => [change, 0, 0, 0]);
    const [{ at, variance }] = seen(sparse);
    expect(at).toBeLessThan(4 * PATIENCE);
    expect(variance).toBeGreaterThan(0.15e-6);
    expect(variance).toBeLessThan(0.4e-6);
  });
});

describe('no break is seen', () => {
  test('in changes of the size that the scale says', () => {
    expect(seen(normals(20_000, 1))).toEqual([]);
  });

  test('where the size of changes halves or doubles', () => {
    expect(seen([...normals(2000, 0.5), ...normals(2000, 2)])).toEqual([]);
  });

  test('where the scale follows what grows tenfold, or was known from few events', () => {
    expect(seenFollowing(normals(2000, 10), PATIENCE)).toEqual([]);
    expect(seenFollowing(normals(2000, 1000), 0)).toEqual([]);
  });

  test('in outliers, however large', () => {
    const wild = normals(5000, 1).map((change, k) => (k % 5 === 0 ? 1e6 : change));
    expect(seen(wild)).toEqual([]);
  });

  test('in moves that are rare and then far beyond the mean, as those of a best bid', () => {
    const rare = normals(5000, 100).map((change, k) => (k % 40 === 0 ? change : 0));
    expect(seen(rare)).toEqual([]);
  });

  test('where nothing moves', () => {
    expect(seen(new Array<number>(2000).fill(0))).toEqual([]);
    expect(seen(new Array<number>(2000).fill(0), 0)).toEqual([]);
  });
});
