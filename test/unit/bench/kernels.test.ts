import { expect, test } from 'vitest';
import { referenceKernel } from '#shared/nn/kernels/reference.ts';
import { disagreement } from '#test/bench/kernels/agreement.ts';
import { goalResults, nsPerSymbolStep, OURS, ratio } from '#test/bench/kernels/case-result.ts';
import { kernelContender } from '#test/bench/kernels/kernel-contender.ts';
import { stepCase, trainingCase } from '#test/bench/kernels/lstm-case.ts';
import { plainContender } from '#test/bench/kernels/plain-contender.ts';
import { truthOf } from '#test/bench/kernels/truth.ts';

const timings = [
  { name: OURS, rounds: [900, 800, 850] },
  { name: 'onnxruntime-node', rounds: [40_000, 36_000] },
  { name: 'NumPy', rounds: [24_000] },
  { name: 'onnxruntime Python', rounds: [14_400] },
];

test('a time is that of the fastest round, shared among the symbols', () => {
  const result = { of: stepCase(32, 8), timings, refused: [] };
  expect(nsPerSymbolStep(result, OURS)).toBe(100);
  expect(nsPerSymbolStep(result, 'JAX')).toBeNull();
});

test("a ratio is the peer's time over ours, and none where one of the two did not run", () => {
  const result = { of: stepCase(32, 8), timings, refused: [] };
  expect(ratio(result, 'onnxruntime-node')).toBe(45);
  expect(ratio(result, 'JAX')).toBeNull();
  expect(ratio({ ...result, timings: timings.slice(1) }, 'NumPy')).toBeNull();
});

test('a goal is held against the fastest of its peers, and left out where none ran', () => {
  const results = goalResults({ of: stepCase(32, 1), timings, refused: [] });
  expect(results.map(({ goal, peer, ratio }) => [goal.least, peer, ratio])).toEqual([
    [40, 'onnxruntime-node', 45],
    [20, 'onnxruntime Python', 18],
  ]);
});

test.each([
  ['step', stepCase(16, 3)],
  ['training', { ...trainingCase(16, 2) }],
] as const)('two LSTMs that share no line compute the same %s', async (_, of) => {
  const truth = truthOf(of);
  for (const contender of [plainContender(), kernelContender('reference', referenceKernel())]) {
    const opened = await contender.open(of);
    expect(disagreement(truth, (await opened?.outputs()) ?? {})).toBeNull();
  }
});

test('a contender that forgets one bias is refused', async () => {
  const of = stepCase(16, 3);
  const parameters = of.parameters.slice();
  parameters[parameters.length - 1] += 0.001;
  const opened = await plainContender().open({ ...of, parameters });
  expect(disagreement(truthOf(of), (await opened?.outputs()) ?? {})).toMatch(/hidden differ/);
});
