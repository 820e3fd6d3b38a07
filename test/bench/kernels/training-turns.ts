import type { Floats } from '#shared/nn/add-product.ts';
import { timed } from '../interleave.ts';
import { CHECKED_STEPS, type Opened } from './lstm-case.ts';

export interface TrainingTurns {
  readonly parameters: Float32Array;
  readonly gradients: Floats;
  /** Forward and backward. @returns the loss */
  readonly pass: () => number;
  /** Clips the gradients, and the optimiser takes its step. */
  readonly finish: () => void;
}

/** A contender in training that works in this process: updates in turns, those that are checked first. */
export function openTurns({ parameters, gradients, pass, finish }: TrainingTurns): Opened {
  return {
    outputs() {
      const losses = new Float32Array(CHECKED_STEPS);
      let first = new Float32Array(0);
      for (let k = 0; k < CHECKED_STEPS; k++) {
        losses[k] = pass();
        if (k === 0) first = new Float32Array(gradients);
        finish();
      }
      return { losses, gradients: first, parameters: parameters.slice() };
    },
    run: timed(() => {
      pass();
      finish();
    }),
    close() {},
  };
}
