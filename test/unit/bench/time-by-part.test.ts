import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sumByPart, timeByPart } from '#test/bench/time-by-part.ts';

const ROOT = `file://${join(import.meta.dirname, '../../..')}/`;
const PARTS = [
  { name: 'codec', frames: /^shared\/market\// },
  { name: 'fold', frames: /^shared\/forecast\/forecaster\.ts#/ },
];

/** A profile of nodes `id parent function file`, the root first. */
function profileOf(
  nodes: readonly [number, number, string, string][],
  samples: number[],
  timeDeltas: number[],
) {
  return {
    startTime: 0,
    endTime: 0,
    samples,
    timeDeltas,
    nodes: nodes.map(([id, , functionName, file]) => ({
      id,
      callFrame: {
        functionName,
        url: file === '' ? '' : ROOT + file,
        scriptId: '0',
        lineNumber: 0,
        columnNumber: 0,
      },
      children: nodes.filter(([, parent]) => parent === id).map(([child]) => child),
    })),
  };
}

test('a sample counts for the innermost function that belongs to a part, until the next sample', () => {
  const profile = profileOf(
    [
      [1, 0, '(root)', ''],
      [2, 1, 'fold', 'shared/forecast/forecaster.ts'],
      [3, 2, 'decodeTickRecord', 'shared/market/tick-record.ts'],
      [4, 3, 'u8', 'shared/numeric/byte-reader.ts'],
      [5, 1, '(idle)', ''],
      [6, 1, '(garbage collector)', ''],
      [7, 1, 'main', 'test/bench/main.ts'],
    ],
    [2, 4, 3, 5, 6, 7, 7],
    [99, 1, 2, 3, 4, 5, 6],
  );
  expect([...sumByPart(profile, PARTS)]).toEqual([
    ['codec', 5000],
    ['fold', 1000],
    ['collecting garbage', 5000],
    ['other', 6000],
  ]);
});

test('work of this process is found under its own file', async () => {
  const parts = [{ name: 'this test', frames: /^test\/unit\/bench\/time-by-part\.test\.ts#spin/ }];
  const sums = await timeByPart(parts, () => spin(50));
  expect(sums.get('this test')).toBeGreaterThan(5e6);
});

/** Time of the processor: on a busy machine most of the clock's goes to others. */
function spin(ms: number): void {
  const before = process.cpuUsage();
  while (process.cpuUsage(before).user < 1_000 * ms);
}
