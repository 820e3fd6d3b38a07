import type { Floats } from '../add-product.ts';
import type { Cell } from '../cells/cell.ts';

/** What a cell is walked along: B rows, W steps, time-major as in tbptt.ts. */
export interface Walk {
  readonly cell: Cell;
  readonly parameters: Floats;
  /** Where the cell's parameters begin. */
  readonly at: number;
  readonly rows: number;
  readonly steps: number;
  /** W x B x I. */
  readonly input: Floats;
  /** B x S, the states before the first step; not written. */
  readonly state: Floats;
}

/** A walk that was made: every state on the way, and what it takes to come back. */
export interface Trajectory extends Walk {
  /** (W + 1) x B x S: before the first step, and after each. */
  readonly states: Floats;
  /** W x B x tapeSize; used up by `walkBack`. */
  readonly tape: Floats;
}

/** Walks forward. Numbers are stored as the parameters are. */
export function walkForward(walk: Walk): Trajectory {
  const { cell, parameters, at, rows, steps, input, state } = walk;
  const size = rows * cell.stateSize;
  const states = zerosLike(parameters, (steps + 1) * size);
  const tape = zerosLike(parameters, steps * rows * cell.tapeSize);
  states.set(state);
  for (let t = 0; t < steps; t++) {
    states.copyWithin((t + 1) * size, t * size, (t + 1) * size);
    cell.forward(
      rows,
      parameters,
      at,
      input,
      t * rows * cell.inputSize,
      states,
      (t + 1) * size,
      tape,
      t * rows * cell.tapeSize,
    );
  }
  return { ...walk, states, tape };
}

/**
 * Walks back from the last state, once.
 *
 * @param dState B x S: dL/d(last state); at each visit dL/d(state `lag` steps before the last), which the visitor may scale
 * @param visit  lag 0 to W
 * @param gradients room for the cell's parameters, from `at`, where what each step gave to them is to be seen
 */
export function walkBack(
  { cell, parameters, at, rows, steps, tape }: Trajectory,
  dState: Floats,
  visit: (lag: number) => void,
  gradients: Floats | null = null,
): void {
  visit(0);
  for (let t = steps - 1; t >= 0; t--) {
    gradients?.fill(0);
    cell.backward(rows, parameters, at, tape, t * rows * cell.tapeSize, dState, gradients);
    visit(steps - t);
  }
}

/** Zeros in the same storage: float32 and float64 arrays in one loop would slow it for the whole process. */
export function zerosLike(values: Floats, count: number): Floats {
  return values instanceof Float64Array ? new Float64Array(count) : new Float32Array(count);
}
