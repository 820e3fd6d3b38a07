import { expect, test } from 'vitest';
import type { LoggedBoundary } from '#services/train/boundary-log.ts';
import { neededBoundaries } from '#services/train/needed-boundaries.ts';

const report = {
  updates: 1,
  lossBefore: 1,
  lossAfter: 1,
  gradientNorm: 1,
  clippedUpdates: 0,
  skippedUpdates: 0,
  gradientReach: [],
  forgetTicks: null,
  eventTimeNs: '0',
};

/** A boundary that saw `to` records of each of two partitions. */
function aBoundary(
  id: number,
  to: number,
  event: 'switched' | 'refused' = 'switched',
): LoggedBoundary {
  const ranges = [0, 1].map((partition) => ({ partition, from: '0', to: `${to}` }));
  const outcome =
    event === 'switched'
      ? { event, id, sha: `sha ${id}`, parentSha: '', report }
      : { event, id, reason: 'HELD_OUT_LOSS_ROSE', report };
  return { boundary: { event: 'boundary', id, ranges, seed: id }, outcome };
}

const ids = (boundaries: readonly LoggedBoundary[]): number[] =>
  boundaries.map(({ boundary }) => boundary.id);

const history = [1, 2, 3, 4].map((id) => aBoundary(id, 100 * id));

test('while the log is whole, every boundary is needed', () => {
  expect(ids(neededBoundaries(history, [0n, 0n]).needed)).toEqual([1, 2, 3, 4]);
  expect(neededBoundaries([], [0n, 0n])).toEqual({ needed: [], gone: [] });
});

test('a boundary is gone once a later one and the model in use lie before the start of every partition', () => {
  const { needed, gone } = neededBoundaries(history, [350n, 310n]);
  expect(ids(gone)).toEqual([1]);
  expect(ids(needed)).toEqual([2, 3, 4]);
});

test('one partition that still holds the records keeps the boundary', () => {
  expect(ids(neededBoundaries(history, [350n, 150n]).needed)).toEqual([1, 2, 3, 4]);
});

test('refused boundaries do not hide the last model that was switched to', () => {
  const refusing = [
    aBoundary(1, 100),
    aBoundary(2, 200),
    aBoundary(3, 300, 'refused'),
    aBoundary(4, 400),
  ];
  const { needed, gone } = neededBoundaries(refusing, [450n, 450n]);
  expect(ids(gone)).toEqual([1]);
  expect(ids(needed)).toEqual([2, 3, 4]);
});
