import { describe, expect, test } from 'vitest';
import type { Clock } from '#shared/runtime/clock.ts';

export interface ClockUnderTest {
  readonly clock: Clock;
  /** Lets `ms` go by: by waiting, or by saying so. */
  readonly pass: (ms: number) => Promise<void>;
}

/** What every Clock promises. */
export function clockContract(name: string, open: () => ClockUnderTest): void {
  describe(`${name} is a clock`, () => {
    test('a sleep is over when its time has passed, and the clock has gone on by as much', async () => {
      const { clock, pass } = open();
      const before = clock.nowMs();
      const slept = clock.sleep(20);
      await pass(40);
      await slept;
      expect(clock.nowMs() - before).toBeGreaterThanOrEqual(19);
    });

    test('the shorter of two sleeps is over first', async () => {
      const { clock, pass } = open();
      const order: string[] = [];
      const both = [
        clock.sleep(30).then(() => order.push('long')),
        clock.sleep(5).then(() => order.push('short')),
      ];
      await pass(60);
      await Promise.all(both);
      expect(order).toEqual(['short', 'long']);
    });

    test('an aborted sleep is over at once', async () => {
      const { clock } = open();
      const controller = new AbortController();
      const slept = clock.sleep(3_600_000, controller.signal);
      controller.abort();
      await slept;
      await clock.sleep(3_600_000, controller.signal);
    });

    test('time does not run backwards', async () => {
      const { clock, pass } = open();
      let last = clock.nowMs();
      for (let i = 0; i < 5; i++) {
        await pass(1);
        const now = clock.nowMs();
        expect(now).toBeGreaterThanOrEqual(last);
        last = now;
      }
    });
  });
}
