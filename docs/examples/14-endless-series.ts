import { cellOf } from '#shared/nn/cells/cell-kinds.ts';
import { squaredLoss } from '#shared/nn/losses/squared.ts';
import { adam } from '#shared/nn/optimisers/adam.ts';
import { GradientClip } from '#shared/nn/optimisers/clip-gradient.ts';
import { cosineRate } from '#shared/nn/optimisers/learning-rate.ts';
import { Random } from '#shared/nn/random.ts';
import { descend } from '#shared/nn/sequence/descend.ts';
import { initialiseModel, sequenceModel } from '#shared/nn/sequence/sequence-model.ts';
import { TruncatedBptt } from '#shared/nn/sequence/truncated-bptt.ts';

// node docs/examples/14-endless-series.ts: TBPTT(k1, k2) on series without end, state carried from window to window.
// Each step brings +1 or -1; after it the model says what came six steps ago. A loss reaches back between k2 - k1 and k2 - 1
// steps: with k1 = 4 and k2 = 12 always far enough to learn that, with k2 = 4 never.
const [lag, rows, every, updates] = [6, 16, 4, 1500];
const model = sequenceModel(cellOf('lstm', 1, 16), 1);

/** Mean squared error over the last tenth of the training, each window before it was learnt from. */
function errorWith(through: number): number {
  const random = new Random(1);
  const parameters = new Float32Array(model.parameterCount);
  initialiseModel(model, parameters, 0, random);
  const walk = new TruncatedBptt({ model, rows, every, through, loss: squaredLoss });
  const past: number[] = new Array(lag * rows).fill(0);
  const draw = (): void => {
    for (let k = 0; k < every * rows; k++) {
      walk.input[k] = 2 * random.integer(2) - 1;
      past.push(walk.input[k]);
      walk.target[k] = past.shift() as number;
    }
  };
  let sum = 0;
  descend(walk, parameters, {
    updates,
    optimiser: adam(),
    rateOf: cosineRate({ rate: 1e-2, lowest: 1e-4, updates }),
    clip: new GradientClip({ norm: 1 }),
    draw,
    onUpdate: (update, loss) => {
      if (update > 0.9 * updates) sum += 2 * loss;
    },
  });
  return sum / (0.1 * updates);
}

process.stdout.write(
  `mean squared error: TBPTT(4, 12) ${errorWith(12).toFixed(4)}, TBPTT(4, 4) ${errorWith(4).toFixed(4)}; saying 0 has 1.0000\n`,
);
