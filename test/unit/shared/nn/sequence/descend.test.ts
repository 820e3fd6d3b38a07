import { expect, test } from 'vitest';
import { cellOf } from '#shared/nn/cells/cell-kinds.ts';
import { squaredLoss } from '#shared/nn/losses/squared.ts';
import { adam } from '#shared/nn/optimisers/adam.ts';
import { GradientClip } from '#shared/nn/optimisers/clip-gradient.ts';
import { constantRate } from '#shared/nn/optimisers/learning-rate.ts';
import { Random } from '#shared/nn/random.ts';
import { descend } from '#shared/nn/sequence/descend.ts';
import { initialiseModel, sequenceModel } from '#shared/nn/sequence/sequence-model.ts';
import { oneToOne } from '#shared/nn/sequence/sequence-modes.ts';

const model = sequenceModel(cellOf('rnn', 1, 6), 1);

/** One-to-one: learns y = x^2 on [-1, 1]; the batches whose number is in `broken` hold something that is not a number. */
function learn(updates: number, broken: readonly number[] = []) {
  const random = new Random(3);
  const parameters = new Float32Array(model.parameterCount);
  initialiseModel(model, parameters, 0, random);
  const mode = oneToOne({ model, rows: 16, loss: squaredLoss });
  const clip = new GradientClip({ norm: 5 });
  const losses: number[] = [];
  let batch = 0;
  const draw = (): void => {
    batch += 1;
    for (let b = 0; b < 16; b++) {
      mode.input[b] = 2 * random.next() - 1;
      mode.target[b] = broken.includes(batch) ? Number.NaN : mode.input[b] ** 2;
    }
  };
  const onUpdate = (_update: number, loss: number): void => void losses.push(loss);
  const rateOf = constantRate(1e-2);
  descend(mode, parameters, { updates, optimiser: adam(), rateOf, clip, draw, onUpdate });
  return { parameters, losses, clip };
}

test('one-to-one learns a square to a loss below 1e-3', () => {
  const { losses, clip } = learn(1500);
  expect(losses.length).toBe(1500);
  expect(losses[0]).toBeGreaterThan(0.05);
  expect(Math.max(...losses.slice(-20))).toBeLessThan(1e-3);
  expect(clip.steps).toBe(1500);
});

test('the same seed ends at the same bits', () => {
  expect(learn(50).parameters).toEqual(learn(50).parameters);
});

test('an update whose gradient is not finite makes no step and is counted', () => {
  const { parameters, clip } = learn(2, [1, 2]);
  expect(parameters).toEqual(learn(0).parameters);
  expect(clip.notFinite).toBe(2);
});
