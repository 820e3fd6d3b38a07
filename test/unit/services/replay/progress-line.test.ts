import { expect, test } from 'vitest';
import { grouped, progressText, startProgressLine } from '#services/replay/progress-line.ts';
import { virtualClock } from '#shared/runtime/virtual-clock.ts';

test('progress says share, rate and time left', () => {
  expect(progressText('replaying', { done: 12_000, total: 48_000 }, 2_000)).toBe(
    'replaying 12,000 of 48,000 rows (25 %), 6,000/s, 0:06 left',
  );
  expect(progressText('replaying', { done: 500, total: null }, 1_000)).toBe(
    'replaying 500 rows, 500/s',
  );
  expect(progressText('replaying', { done: 0, total: 10 }, 0)).toBe(
    'replaying 0 of 10 rows (0 %), 0/s',
  );
});

test('thousands are set apart', () => {
  expect([0, 999, 1_000, 1_234_567].map(grouped)).toEqual(['0', '999', '1,000', '1,234,567']);
});

test('the line is written over itself and taken away at the end', async () => {
  const clock = virtualClock(0);
  const written: string[] = [];
  const line = startProgressLine('replaying', () => ({ done: 1, total: 2 }), {
    clock,
    write: (text) => written.push(text),
  });
  await clock.advance(1_000);
  line.stop();
  await clock.advance(10_000);
  expect(written.length).toBe(4);
  expect(written.every((text) => text.startsWith('\r'))).toBe(true);
  expect(written.at(-1)).toBe('\r\u001b[2K');
});
