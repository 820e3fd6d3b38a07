import { expect, test } from 'vitest';
import { systemClock } from '#shared/runtime/system-clock.ts';
import { virtualClock } from '#shared/runtime/virtual-clock.ts';
import { clockContract } from '#test/contract/clock.contract.ts';

clockContract('the system clock', () => {
  const clock = systemClock();
  return { clock, pass: (ms) => clock.sleep(ms) };
});

clockContract('the virtual clock', () => {
  const clock = virtualClock(1_000);
  return { clock, pass: (ms) => clock.advance(ms) };
});

test('a virtual hour wakes a sleeper that sleeps again each minute sixty times, at the minutes', async () => {
  const clock = virtualClock(0);
  const wokenAt: number[] = [];
  const loop = async () => {
    for (let i = 0; i < 100; i++) {
      await clock.sleep(60_000);
      wokenAt.push(clock.nowMs());
    }
  };
  void loop();
  await clock.advance(3_600_000);
  expect(wokenAt).toEqual(Array.from({ length: 60 }, (_, i) => (i + 1) * 60_000));
  expect(clock.sleeperCount()).toBe(1);
});
