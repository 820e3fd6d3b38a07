import { cellOf } from '#shared/nn/cells/cell-kinds.ts';
import { squaredLoss } from '#shared/nn/losses/squared.ts';
import { adam } from '#shared/nn/optimisers/adam.ts';
import { GradientClip } from '#shared/nn/optimisers/clip-gradient.ts';
import { cosineRate } from '#shared/nn/optimisers/learning-rate.ts';
import { Random } from '#shared/nn/random.ts';
import { descend } from '#shared/nn/sequence/descend.ts';
import type { SequenceMode } from '#shared/nn/sequence/sequence-mode.ts';
import { initialiseModel, sequenceModel } from '#shared/nn/sequence/sequence-model.ts';
import { manyToOne } from '#shared/nn/sequence/sequence-modes.ts';

// node docs/examples/10-adding-problem.ts: many-to-one, the adding problem of Hochreiter & Schmidhuber 1997.
// Each of 50 steps brings a number in [0, 1) and a mark; two steps are marked, one in each half. The answer, asked for after the
// last step, is the sum of the two marked numbers. Always to say 1 has a mean squared error of 1/6.
const [steps, rows, updates] = [50, 16, 800];
const random = new Random(1);
const model = sequenceModel(cellOf('gru', 2, 16), 1);
const parameters = new Float32Array(model.parameterCount);
initialiseModel(model, parameters, 0, random);

function draw(mode: SequenceMode, sequences: number): void {
  for (let b = 0; b < sequences; b++) {
    const marked = [random.integer(steps / 2), steps / 2 + random.integer(steps / 2)];
    mode.target[b] = 0;
    for (let t = 0; t < steps; t++) {
      const value = random.next();
      const mark = marked.includes(t) ? 1 : 0;
      mode.input.set([value, mark], (t * sequences + b) * 2);
      mode.target[b] += mark * value;
    }
  }
}

const training = manyToOne({ model, rows, steps, loss: squaredLoss });
descend(training, parameters, {
  updates,
  optimiser: adam(),
  rateOf: cosineRate({ rate: 1e-2, lowest: 1e-4, updates }),
  clip: new GradientClip({ norm: 1 }),
  draw: () => draw(training, rows),
  onUpdate: (update, loss) => {
    if (update % 100 === 0) process.stdout.write(`update ${update}: loss ${loss.toFixed(5)}\n`);
  },
});

const fresh = manyToOne({ model, rows: 500, steps, loss: squaredLoss });
draw(fresh, 500);
fresh.forward(parameters);
let sum = 0;
for (let b = 0; b < 500; b++) sum += (fresh.output[b] - fresh.target[b]) ** 2;
process.stdout.write(
  `mean squared error on 500 fresh sequences: ${(sum / 500).toFixed(5)}; saying 1 has 0.16667\n`,
);
