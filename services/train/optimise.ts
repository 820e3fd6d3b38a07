import type { Model, TrainingState } from '#shared/forecast/model-artefact.ts';
import { UpdateCounts } from '#shared/nn/diagnostics/update-counts.ts';
import { adamW } from '#shared/nn/optimisers/adamw.ts';
import { clipGradient } from '#shared/nn/optimisers/clip-gradient.ts';
import { updateWeightEma } from '#shared/nn/optimisers/weight-ema.ts';
import { outputRates } from '#shared/nn/output-rates.ts';
import type { Random } from '#shared/nn/random.ts';
import type { Tbptt } from '#shared/nn/tbptt.ts';
import type { TrainRecipe } from './config.ts';

export interface OptimiseOptions {
  readonly updates: number;
  readonly learningRate: number;
  /** Multiples of the learning rate, for the outputs of each target. */
  readonly targetRates: readonly number[];
  readonly recipe: Pick<TrainRecipe, 'weightDecay' | 'clipNorm' | 'emaDecay'>;
  readonly dropout: Random;
  /** Puts the next mini-batch into the buffers. */
  readonly fill: () => void;
}

export interface Optimised {
  /** The running mean, for forecasts. */
  readonly weights: Float32Array;
  readonly training: TrainingState;
  readonly counts: UpdateCounts;
}

/** Goes on from a model's optimiser state for some mini-batches; the model itself stays as it is. */
export function optimise(model: Model, batch: Tbptt, options: OptimiseOptions): Optimised {
  const { recipe, learningRate, targetRates } = options;
  const weights = model.weights.slice();
  const raw = model.training.raw.slice();
  const moments = {
    first: model.training.firstMoment.slice(),
    second: model.training.secondMoment.slice(),
  };
  const gradients = new Float32Array(raw.length);
  const rates = outputRates(model.shape, targetRates);
  const step = { learningRate, weightDecay: recipe.weightDecay, rates };
  const counts = new UpdateCounts();
  for (let k = 0; k < options.updates; k++) {
    options.fill();
    const loss = batch.train(raw, gradients, options.dropout);
    const norm = clipGradient(gradients, recipe.clipNorm);
    if (!counts.take(loss, norm, recipe.clipNorm)) continue;
    adamW(raw, gradients, moments, model.training.updates + counts.done, step);
    updateWeightEma(weights, raw, recipe.emaDecay);
  }
  return {
    weights,
    training: {
      raw,
      firstMoment: moments.first,
      secondMoment: moments.second,
      updates: model.training.updates + counts.done,
    },
    counts,
  };
}
