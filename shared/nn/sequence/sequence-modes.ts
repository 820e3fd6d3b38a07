import { Bptt } from './bptt.ts';
import type { ModeOptions } from './sequence-mode.ts';

export interface StepsOptions extends ModeOptions {
  /** T. */
  readonly steps: number;
}

/** One input, one output: the cell as a layer without memory (from the state in `start`). */
export function oneToOne(options: ModeOptions): Bptt {
  return new Bptt({ ...options, steps: 1, given: 1, readFrom: 0 });
}

/** One input, T outputs: a closed loop, each output is the next input. Trained as it is run. */
export function oneToMany(options: StepsOptions): Bptt {
  return new Bptt({ ...options, given: 1, readFrom: 0 });
}

/** T inputs, one output after the last. */
export function manyToOne(options: StepsOptions): Bptt {
  return new Bptt({ ...options, given: options.steps, readFrom: options.steps - 1 });
}

/** T inputs, an output after each. Of different lengths: encoder-decoder.ts; without end: truncated-bptt.ts. */
export function manyToMany(options: StepsOptions): Bptt {
  return new Bptt({ ...options, given: options.steps, readFrom: 0 });
}
