import type { Random } from '#shared/nn/random.ts';

/** Symbols to choose from; guessing is right once in as many. */
export const SYMBOLS = 4;
/** One channel per symbol, and the cue. */
export const TASK_INPUTS = SYMBOLS + 1;

export interface RecallBatch {
  readonly rows: number;
  readonly steps: number;
  /** W x B x I, time-major. */
  readonly input: Float64Array;
  /** The symbol that each row is to name at its last step. */
  readonly answers: readonly number[];
}

/**
 * Remember one symbol over a lag, among distractors (after the long time lag problems of Hochreiter & Schmidhuber 1997, section 5.2):
 * the first step shows a symbol with a cue; each of the `lag` steps that follow shows another, drawn evenly, without it; after the last
 * the first is to be named. The distractors come on the same channels, so what is remembered has to be guarded.
 */
export function drawRecall(rows: number, lag: number, random: Random): RecallBatch {
  const steps = lag + 1;
  const input = new Float64Array(steps * rows * TASK_INPUTS);
  const answers = Array.from({ length: rows }, () => random.integer(SYMBOLS));
  for (let row = 0; row < rows; row++) {
    input[row * TASK_INPUTS + SYMBOLS] = 1;
    input[row * TASK_INPUTS + answers[row]] = 1;
    for (let t = 1; t < steps; t++) {
      input[(t * rows + row) * TASK_INPUTS + random.integer(SYMBOLS)] = 1;
    }
  }
  return { rows, steps, input, answers };
}
