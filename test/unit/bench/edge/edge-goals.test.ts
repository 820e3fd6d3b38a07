import { describe, expect, test } from 'vitest';
import type { EdgeResult } from '#test/bench/edge/edge-case.ts';
import {
  CENTRIFUGE_DEFLATED,
  CENTRIFUGE_FIFTIES,
  CENTRIFUGE_SINGLE,
  FIFTIES,
  SINGLE,
} from '#test/bench/edge/edge-cases.ts';
import { edgeGoals } from '#test/bench/edge/edge-goals.ts';

const ageMs = { p50: 0, p99: 0 };
const result = (perCpuSecond: number, deliveredShare = 1): EdgeResult => ({
  ...{ perCpuSecond, deliveredShare, ageMs, delivered: 0, cpuSeconds: 0, wallSeconds: 0 },
  ...{ clientCores: 0, perFrame: 1, megabytes: 0, kibPerClient: null },
});
const ours = [
  [SINGLE, result(84_000)],
  [FIFTIES, result(3_000_000)],
] as const;
const ofCentrifugo = (results: Iterable<readonly [string, EdgeResult]>): string[] =>
  edgeGoals(new Map(results)).filter((line) => /centrifug/i.test(line));

describe('ours is held against Centrifugo', () => {
  test('as it is in the same run, plain or deflated, whichever is better', () => {
    const beside = [
      [CENTRIFUGE_SINGLE, result(70_000)],
      [CENTRIFUGE_FIFTIES, result(2_000_000)],
      [CENTRIFUGE_DEFLATED, result(4_000_000)],
    ] as const;
    expect(ofCentrifugo([...ours, ...beside])).toEqual([
      '| single messages, of centrifuge | at least 1 | 1.20 | met |',
      "| single messages, of Centrifugo's 112,000 of another day | none | 0.75 | |",
      '| in fifties, of centrifuge | at least 1 | 0.75 | missed |',
      "| in fifties, of Centrifugo's 4,000,000 of another day | none | 0.75 | |",
    ]);
  });

  test('as it was on another day where it does not take part', () => {
    expect(ofCentrifugo(ours)).toEqual([
      "| single messages, of Centrifugo's 112,000 of another day | at least 1 | 0.75 | missed |",
      "| in fifties, of Centrifugo's 4,000,000 of another day | at least 1 | 0.75 | missed |",
    ]);
  });

  test('as it was on another day where it lost clients, which plain fifties do not make good', () => {
    const beside = [
      [CENTRIFUGE_SINGLE, result(70_000, 0.9)],
      [CENTRIFUGE_FIFTIES, result(2_000_000)],
      [CENTRIFUGE_DEFLATED, result(2_500_000, 0.28)],
    ] as const;
    expect(ofCentrifugo([...ours, ...beside])).toEqual(ofCentrifugo(ours));
  });
});
