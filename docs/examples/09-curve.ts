import { cellOf } from '#shared/nn/cells/cell-kinds.ts';
import { squaredLoss } from '#shared/nn/losses/squared.ts';
import { adam } from '#shared/nn/optimisers/adam.ts';
import { GradientClip } from '#shared/nn/optimisers/clip-gradient.ts';
import { cosineRate } from '#shared/nn/optimisers/learning-rate.ts';
import { Random } from '#shared/nn/random.ts';
import { descend } from '#shared/nn/sequence/descend.ts';
import type { SequenceMode } from '#shared/nn/sequence/sequence-mode.ts';
import { initialiseModel, sequenceModel } from '#shared/nn/sequence/sequence-model.ts';
import { oneToOne } from '#shared/nn/sequence/sequence-modes.ts';
import { sin } from '#shared/numeric/elementary.ts';

// node docs/examples/09-curve.ts: one-to-one. A single step from the state zero is a network without memory: here it learns
// y = sin(pi x) on [-1, 1).
const [rows, updates] = [32, 3000];
const random = new Random(1);
const model = sequenceModel(cellOf('rnn', 1, 16), 1);
const parameters = new Float32Array(model.parameterCount);
initialiseModel(model, parameters, 0, random);

function draw(mode: SequenceMode, points: number): void {
  for (let b = 0; b < points; b++) {
    const x = 2 * random.next() - 1;
    mode.input[b] = x;
    mode.target[b] = sin(Math.PI * x);
  }
}

const training = oneToOne({ model, rows, loss: squaredLoss });
descend(training, parameters, {
  updates,
  optimiser: adam(),
  rateOf: cosineRate({ rate: 4e-2, lowest: 1e-4, updates }),
  clip: new GradientClip({ norm: 1 }),
  draw: () => draw(training, rows),
  onUpdate: (update, loss) => {
    if (update % 250 === 0) process.stdout.write(`update ${update}: loss ${loss.toFixed(5)}\n`);
  },
});

const fresh = oneToOne({ model, rows: 500, loss: squaredLoss });
draw(fresh, 500);
fresh.forward(parameters);
let sum = 0;
for (let b = 0; b < 500; b++) sum += (fresh.output[b] - fresh.target[b]) ** 2;
process.stdout.write(
  `root mean squared error at 500 points: ${Math.sqrt(sum / 500).toFixed(4)}; saying 0 has 0.7071\n`,
);
