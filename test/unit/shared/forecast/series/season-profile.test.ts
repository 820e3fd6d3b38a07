import { expect, test } from 'vitest';
import { SeasonProfile } from '#shared/forecast/series/season-profile.ts';

const SEASON = 6;
const AT = 2;

/** Distances are folded in order; the state lies behind two slots of somebody else's. */
function profileAfter(distances: readonly number[], spread = 2) {
  const profile = new SeasonProfile(SEASON);
  const state = new Float64Array(AT + profile.slots);
  distances.forEach((off, t) => {
    profile.observe(state, AT, t + 1, { off, spread });
  });
  expect(Array.from(state.subarray(0, AT))).toEqual([0, 0]);
  const usual = (horizon: number) => profile.usual(state, AT, distances.length, horizon);
  return { usual, residual: profile.residual(state, AT) };
}

function seasons(count: number): number[] {
  return Array.from({ length: count * SEASON }, (_, t) => t % SEASON);
}

test('after some seasons it has the course of the next one, from any phase, however far ahead', () => {
  const { usual, residual } = profileAfter(seasons(20).slice(0, -2));
  expect(residual).toBeCloseTo(0, 9);
  // The newest stood at phase 3.
  for (const horizon of [1, 2, 3, 7, 50]) {
    expect(usual(horizon)).toBeCloseTo((3 + horizon) % SEASON, 9);
  }
});

test('in the first seasons it is their plain mean', () => {
  const { usual } = profileAfter([...seasons(1), ...seasons(1).map((off) => off + 1)]);
  expect(usual(1)).toBeCloseTo(0.5, 9);
});

test('half of a change stands in it after three seasons', () => {
  const { usual } = profileAfter([...seasons(30), ...seasons(3).map((off) => off + 1)]);
  expect(usual(2)).toBeCloseTo(1.5, 6);
});

test('one wild distance is told in full, and moves it by no more than three spreads would', () => {
  const { usual, residual } = profileAfter([...seasons(30), 1e6], 0.1);
  expect(residual).toBeCloseTo(1e6, 3);
  expect(usual(SEASON)).toBeLessThan(0.1);
  expect(usual(SEASON)).toBeGreaterThan(0);
});
