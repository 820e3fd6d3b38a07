import { expect, test } from 'vitest';
import { fastest, interleave, spread, type Timed } from '#test/bench/interleave.ts';

/** Takes `ns` per iteration and writes down whose turn it was. */
function runner(name: string, ns: number, turns: string[]): Timed {
  return {
    name,
    run(iterations) {
      turns.push(`${name} ${iterations}`);
      return ns * iterations;
    },
  };
}

test('everyone has a turn in every round, and every other round goes backwards', async () => {
  const turns: string[] = [];
  const contenders = ['a', 'b', 'c'].map((name) => runner(name, 100, turns));
  await interleave(contenders, { rounds: 3, sliceNs: 100, warmUpNs: 1 });
  const warmUps = contenders.length;
  expect(turns.slice(warmUps).map((turn) => turn[0])).toEqual([...'abc', ...'cba', ...'abc']);
});

test('a slow contender has as long a turn as a fast one, in fewer iterations, but one at least', async () => {
  const turns: string[] = [];
  const contenders = [
    runner('fast', 10, turns),
    runner('slow', 500, turns),
    runner('whole', 4e6, turns),
  ];
  await interleave(contenders, { rounds: 1, sliceNs: 1000, warmUpNs: 1 });
  expect(turns.slice(-3)).toEqual(['fast 100', 'slow 2', 'whole 1']);
});

test('a contender runs until its warm-up is over before any is timed', async () => {
  const turns: string[] = [];
  await interleave([runner('a', 10, turns)], { rounds: 1, sliceNs: 20, warmUpNs: 70 });
  expect(turns).toEqual(['a 1', 'a 2', 'a 4', 'a 2']);
});

test('times are per iteration, one a round, in the order of the contenders', async () => {
  const timings = await interleave([runner('a', 10, []), runner('b', 30, [])], {
    rounds: 2,
    sliceNs: 100,
    warmUpNs: 1,
  });
  expect(timings).toEqual([
    { name: 'a', rounds: [10, 10] },
    { name: 'b', rounds: [30, 30] },
  ]);
});

test('a disturbed round moves neither the fastest nor, alone, the spread', () => {
  const timing = { name: 'a', rounds: [100, 900, 110, 100, 120] };
  expect(fastest(timing)).toBe(100);
  expect(spread(timing)).toBeCloseTo(0.1, 12);
  expect(spread({ name: 'a', rounds: [100, 120] })).toBeCloseTo(0.1, 12);
});
