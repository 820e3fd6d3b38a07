import { cellOf } from '#shared/nn/cells/cell-kinds.ts';
import { squaredLoss } from '#shared/nn/losses/squared.ts';
import { adam } from '#shared/nn/optimisers/adam.ts';
import { GradientClip } from '#shared/nn/optimisers/clip-gradient.ts';
import { cosineRate } from '#shared/nn/optimisers/learning-rate.ts';
import { Random } from '#shared/nn/random.ts';
import { descend } from '#shared/nn/sequence/descend.ts';
import type { SequenceMode } from '#shared/nn/sequence/sequence-mode.ts';
import { initialiseModel, sequenceModel } from '#shared/nn/sequence/sequence-model.ts';
import { oneToMany } from '#shared/nn/sequence/sequence-modes.ts';
import { cos, sin } from '#shared/numeric/elementary.ts';

// node docs/examples/11-sine-roll-out.ts: one-to-many, a closed loop.
// One point of a circle is given; the model says the next, is fed what it said, and so on: a sine and a cosine of 20 steps a
// turn. It is trained on roll-outs of two turns from any start, then rolled out for ten.
const [rows, period, updates] = [16, 20, 1200];
const random = new Random(1);
const model = sequenceModel(cellOf('gru', 2, 16), 2);
const parameters = new Float32Array(model.parameterCount);
initialiseModel(model, parameters, 0, random);

/** Gives each row a start of its own, and the points after it as targets. */
function draw(mode: SequenceMode, steps: number): void {
  for (let b = 0; b < rows; b++) {
    const start = random.next() * period;
    const point = (t: number): [number, number] => {
      const angle = (2 * Math.PI * (start + t)) / period;
      return [sin(angle), cos(angle)];
    };
    mode.input.set(point(0), b * 2);
    for (let t = 0; t < steps; t++) mode.target.set(point(t + 1), (t * rows + b) * 2);
  }
}

const training = oneToMany({ model, rows, steps: 2 * period, loss: squaredLoss });
descend(training, parameters, {
  updates,
  optimiser: adam(),
  rateOf: cosineRate({ rate: 1e-2, lowest: 1e-5, updates }),
  clip: new GradientClip({ norm: 1 }),
  draw: () => draw(training, 2 * period),
  onUpdate: (update, loss) => {
    if (update % 200 === 0) process.stdout.write(`update ${update}: loss ${loss.toFixed(5)}\n`);
  },
});

const longer = oneToMany({ model, rows, steps: 10 * period, loss: squaredLoss });
draw(longer, 10 * period);
longer.forward(parameters);
const errorOfTurn = (turn: number): string => {
  const size = period * rows * 2;
  let sum = 0;
  for (let k = (turn - 1) * size; k < turn * size; k++) {
    sum += (longer.output[k] - longer.target[k]) ** 2;
  }
  return Math.sqrt(sum / size).toFixed(4);
};
process.stdout.write(
  `root mean squared error: first turn ${errorOfTurn(1)}, tenth turn ${errorOfTurn(10)}; saying 0 has 0.7071\n`,
);
