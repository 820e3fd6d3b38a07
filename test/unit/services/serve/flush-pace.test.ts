import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FlushStrain, flushPace, Turns, untilNextFlushMs } from '#services/serve/flush-pace.ts';

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
    const pace = flushPace(80);
    expect(untilNextFlushMs(pace, 1_000)).toBe(4);
    expect(untilNextFlushMs(pace, 1_001.5)).toBe(2.5);
    expect(untilNextFlushMs(pace, 999.25)).toBe(4.75);
  });

  test('gives every group one turn in each period, however the flushes jitter', () => {
    const pace = flushPace(80);
    const jitter = fc.array(fc.double({ min: -1.5, max: 1.5, noNaN: true }), { minLength: 200 });
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

describe('flushes of a process that is short of time', () => {
  test('are stretched to four times the time at most, and again as asked for once there is time', () => {
    const strain = new FlushStrain();
    const stretchAfter = (...shares: number[]): number => {
      for (const share of shares) strain.look(share);
      return strain.stretch;
    };
    expect(stretchAfter(0.5, 0.9, 0.9, 0.9)).toBe(1);
    expect(stretchAfter(1, 0.9, 1)).toBe(1);
    expect(stretchAfter(0.97)).toBe(2);
    expect(stretchAfter(0.9, 0.8, 0.75)).toBe(2);
    expect(stretchAfter(1, 1, 1, 1, 1, 1)).toBe(4);
    expect(stretchAfter(0.6, 0.8, 0.6)).toBe(4);
    expect(stretchAfter(0.6)).toBe(2);
    expect(stretchAfter(0, 0, 0, 0, 0, 0, 0, 0)).toBe(1);
  });

  test('stay spread evenly, however long the turns are', () => {
    const pace = flushPace(40);
    const steps = (4 * pace.periodMs) / pace.stepMs;
    const turns = new Turns(pace);
    const phases = Array.from({ length: 10 * steps }, () => turns.next());
    while (turns.strain.stretch < 4) turns.strain.look(1);
    const startMs = 1_000 * 4 * pace.periodMs;
    for (let step = 1; step <= steps; step += 1) {
      const nowMs = startMs + step * pace.stepMs;
      const due = phases.filter((phaseMs) => turns.isDue(phaseMs, nowMs - pace.stepMs, nowMs));
      expect(Math.abs(due.length - 10), `step ${step}`).toBeLessThanOrEqual(2);
    }
  });

  test('leave few groups far apart, so that none waits for the writes of another', () => {
    const { periodMs, stepMs } = flushPace(40);
    for (const count of [2, 3, 4]) {
      const turns = new Turns({ periodMs, stepMs });
      const phases = Array.from({ length: count }, () => turns.next() % periodMs).sort(
        (a, b) => a - b,
      );
      const gaps = phases.map((phase, k) => (phases[k + 1] ?? phases[0] + periodMs) - phase);
      expect(Math.min(...gaps), `${phases}`).toBeGreaterThanOrEqual(periodMs / count / 2);
    }
  });
});
