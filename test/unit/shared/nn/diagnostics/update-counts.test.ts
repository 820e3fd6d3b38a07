import { expect, test } from 'vitest';
import { UpdateCounts } from '#shared/nn/diagnostics/update-counts.ts';

test('updates are made, clipped or left out, and norms count only where they are made', () => {
  const counts = new UpdateCounts();
  const taken = [
    counts.take(1, 0.5, 1),
    counts.take(1, 1, 1),
    counts.take(1, 7.5, 1),
    counts.take(Number.NaN, 99, 1),
    counts.take(1, Infinity, 1),
  ];
  expect(taken).toEqual([true, true, true, false, false]);
  expect(counts).toMatchObject({ done: 3, clipped: 1, skipped: 2, largestNorm: 7.5, meanNorm: 3 });
});
