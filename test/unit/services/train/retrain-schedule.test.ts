import { expect, test } from 'vitest';
import { isDue, nextBoundaryId } from '#services/train/retrain-schedule.ts';

test('boundary n is due at n times every ticks', () => {
  expect(isDue({ id: 0, tickCount: 0 }, 2500, 2499)).toBe(false);
  expect(isDue({ id: 0, tickCount: 0 }, 2500, 2500)).toBe(true);
  expect(isDue({ id: 1, tickCount: 2500 }, 2500, 4999)).toBe(false);
  expect(isDue({ id: 1, tickCount: 2700 }, 2500, 5000)).toBe(true);
});

test('many ticks at once make one boundary, and the next waits for new ticks', () => {
  const after = { id: 1, tickCount: 51_000 };
  expect(nextBoundaryId(after, 2500)).toBe(21);
  expect(isDue(after, 2500, 51_000)).toBe(false);
  expect(isDue(after, 2500, 52_500)).toBe(true);
});

test('ids never repeat, even where a boundary was made by hand ahead of its ticks', () => {
  expect(nextBoundaryId({ id: 9, tickCount: 100 }, 2500)).toBe(10);
});
