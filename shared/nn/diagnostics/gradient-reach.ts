import type { Floats } from '../add-product.ts';
import type { StatePart } from './layers.ts';
import { type Trajectory, walkBack } from './trajectory.ts';

/**
 * How far a gradient reaches back: |dL/ds_(t-k)| against the lag k, the mean over rows of the Euclidean norm, for the given parts of
 * the state s. A factor per step above 1 explodes, below 1 vanishes (Bengio, Simard & Frasconi 1994; Pascanu, Mikolov & Bengio 2013).
 *
 * The derivative is that of the step's map: the rest of the state is held. An LSTM's h and c are two parts of it; what survives does
 * so in c, so look at both, or at the whole row.
 *
 * @param dState B x S: dL/d(last state); used up
 * @returns for each part W + 1 norms, lag 0 first
 */
export function gradientReach(
  trajectory: Trajectory,
  dState: Floats,
  parts: readonly StatePart[],
): Float64Array[] {
  const norms = parts.map(() => new Float64Array(trajectory.steps + 1));
  const { rows, cell } = trajectory;
  walkBack(trajectory, dState, (lag) => {
    for (const [p, { at, length }] of parts.entries()) {
      norms[p][lag] = meanNorm(dState, at, length, rows, cell.stateSize);
    }
  });
  return norms;
}

/** Norms over the norm at lag 0; all NaN where that is 0: nothing was asked of the last state. */
export function relativeTo0(norms: Float64Array): Float64Array {
  return norms[0] > 0 ? norms.map((norm) => norm / norms[0]) : norms.map(() => Number.NaN);
}

/** Mean over rows of the norm of `length` numbers, from `at` in rows that lie `stride` apart. */
export function meanNorm(
  values: Floats,
  at: number,
  length: number,
  rows: number,
  stride: number,
): number {
  let sum = 0;
  for (let r = 0; r < rows; r++) {
    let squares = 0;
    for (let k = 0; k < length; k++) {
      const value = values[r * stride + at + k];
      squares += value * value;
    }
    sum += Math.sqrt(squares);
  }
  return sum / rows;
}
