import { expect, test } from 'vitest';
import { heldOutWindows, isHeldOut } from '#services/train/held-out.ts';
import type { SymbolTape } from '#services/train/symbol-tape.ts';
import { canTrain, sampleWindows } from '#services/train/window-sampler.ts';
import { Random } from '#shared/nn/random.ts';

const tape = (symbol: string, count: number, firstStart = 0, newsFrom = 0): SymbolTape =>
  ({ symbol, count, firstStart, oldest: firstStart, newsFrom }) as SymbolTape;
const options = { steps: 64, recentShare: 0.5, recentReach: 0.25 };

test('a symbol takes part from its 65th event on', () => {
  expect(canTrain(tape('A', 64), 64)).toBe(false);
  expect(canTrain(tape('A', 65), 64)).toBe(true);
  expect(canTrain(tape('A', 165, 104), 64)).toBe(false);
});

test('windows begin at multiples of eight that are kept, end at or before the newest event, and half are recent', () => {
  const one = tape('A', 5000, 1000);
  const starts = sampleWindows([one], 20_000, new Random(1), options).map(({ start }) => start);
  expect(starts.every((start) => start % 8 === 0 && start >= 1000 && start + 64 <= 5000)).toBe(
    true,
  );
  const share = starts.filter((start) => start > 5000 - 64 - 984).length / starts.length;
  // Evenly drawn: a quarter of half. Recent: 1 - 1/e of half.
  expect(Math.abs(share - (0.125 + 0.5 * (1 - Math.exp(-1))))).toBeLessThan(0.02);
});

test('symbols are drawn by the square root of their events', () => {
  const tapes = [tape('A', 164), tape('B', 64 + 1600)];
  const drawn = sampleWindows(tapes, 20_000, new Random(2), options);
  const share = drawn.filter((window) => window.tape.symbol === 'B').length / drawn.length;
  expect(Math.abs(share - 0.8)).toBeLessThan(0.02);
});

test('held-out windows hold every held-out pair, and old news is never held out', () => {
  const horizons = [1, 10, 100];
  const one = tape('A', 3000, 0, 2000);
  const pairs = horizons.flatMap((h) => Array.from({ length: one.count }, (_, t) => ({ t, h })));
  for (const id of [1, 2, 3, 4]) {
    const judged = { id, steps: 64 };
    const windows = heldOutWindows([one], 100, judged).map(({ start }) => start);
    const held = pairs.filter(({ t, h }) => isHeldOut(one, t, h, judged));
    expect(held.every(({ t }) => windows.includes(Math.floor(t / 64) * 64))).toBe(true);
    expect(held.every(({ t, h }) => t + h >= 2000)).toBe(true);
    const matured = held.filter(({ t, h }) => t + h < 3000).length;
    expect(matured).toBeGreaterThan(500);
    expect(matured).toBeLessThan(1000);
  }
});
