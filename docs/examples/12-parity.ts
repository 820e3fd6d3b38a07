import { cellOf } from '#shared/nn/cells/cell-kinds.ts';
import { squaredLoss } from '#shared/nn/losses/squared.ts';
import { adam } from '#shared/nn/optimisers/adam.ts';
import { GradientClip } from '#shared/nn/optimisers/clip-gradient.ts';
import { cosineRate } from '#shared/nn/optimisers/learning-rate.ts';
import { Random } from '#shared/nn/random.ts';
import { descend } from '#shared/nn/sequence/descend.ts';
import type { SequenceMode } from '#shared/nn/sequence/sequence-mode.ts';
import { initialiseModel, sequenceModel } from '#shared/nn/sequence/sequence-model.ts';
import { manyToMany } from '#shared/nn/sequence/sequence-modes.ts';

// node docs/examples/12-parity.ts: many-to-many, aligned.
// Bits come in; after each the model says whether the ones so far are even (-1) or odd (1). One wrong turn spoils all later ones.
// It is trained on 20 bits, then asked after each of 1,000.
const [rows, updates] = [16, 800];
const random = new Random(1);
const model = sequenceModel(cellOf('lstm', 1, 8), 1);
const parameters = new Float32Array(model.parameterCount);
initialiseModel(model, parameters, 0, random);

function draw(mode: SequenceMode, steps: number): void {
  for (let b = 0; b < rows; b++) {
    let parity = -1;
    for (let t = 0; t < steps; t++) {
      const bit = random.integer(2);
      if (bit === 1) parity = -parity;
      mode.input[t * rows + b] = 2 * bit - 1;
      mode.target[t * rows + b] = parity;
    }
  }
}

const training = manyToMany({ model, rows, steps: 20, loss: squaredLoss });
descend(training, parameters, {
  updates,
  optimiser: adam(),
  rateOf: cosineRate({ rate: 2e-2, lowest: 1e-4, updates }),
  clip: new GradientClip({ norm: 1 }),
  draw: () => draw(training, 20),
  onUpdate: (update, loss) => {
    if (update % 100 === 0) process.stdout.write(`update ${update}: loss ${loss.toFixed(5)}\n`);
  },
});

const longer = manyToMany({ model, rows, steps: 1000, loss: squaredLoss });
draw(longer, 1000);
longer.forward(parameters);
const right = longer.output.filter((o, k) => o * longer.target[k] > 0).length;
const share = (100 * right) / longer.target.length;
process.stdout.write(`right over 1000 bits: ${share.toFixed(2)} %; guessing has 50 %\n`);
