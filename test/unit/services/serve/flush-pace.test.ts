import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { flushPace, Turns, untilNextFlushMs } from '#services/serve/flush-pace.ts';

describe('the pace of flushes', () => {
  test('gathers no longer than it was told, one step of lateness with it', () => {
    for (let flushMs = 1; flushMs <= 1_000; flushMs += 1) {
      const { periodMs, stepMs } = flushPace(flushMs);
      expect(periodMs % stepMs).toBe(0);
      expect(periodMs + stepMs).toBeLessThanOrEqual(Math.max(1, flushMs));
      expect(periodMs).toBeGreaterThanOrEqual(0.7 * flushMs - 2);
    }
  });

  test('keeps to whole steps of the clock, also where a timer is a little early or late', () => {
    const pace = flushPace(40);
    expect(untilNextFlushMs(pace, 1_000)).toBe(4);
    expect(untilNextFlushMs(pace, 1_001.5)).toBe(2.5);
    expect(untilNextFlushMs(pace, 999.25)).toBe(4.75);
  });

  test('gives every group one turn in each period, however the flushes jitter', () => {
    const pace = flushPace(40);
    const jitter = fc.array(fc.double({ min: -1.5, max: 1.5, noNaN: true }), { minLength: 90 });
    fc.assert(
      fc.property(jitter, (offsets) => {
        const phaseMs = new Turns(pace).next();
        const turns = new Turns(pace);
        const told: number[] = [0];
        offsets.forEach((offset, k) => {
          const nowMs = (k + 1) * pace.stepMs + offset;
          if (turns.isDue(phaseMs, told[told.length - 1], nowMs)) told.push(nowMs);
        });
        const gaps = told.slice(2).map((ms, k) => ms - told[k + 1]);
        for (const gap of gaps) expect(Math.abs(gap - pace.periodMs)).toBeLessThanOrEqual(3);
        expect(gaps.length).toBeGreaterThan(7);
      }),
    );
  });
});
