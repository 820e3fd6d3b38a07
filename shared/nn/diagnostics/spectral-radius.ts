import { exp, ln } from '../../numeric/elementary.ts';
import type { Random } from '../random.ts';
import { type Walk, walkBack, walkForward, zerosLike } from './trajectory.ts';

/** The first quarter of the way back turns the vector towards the direction that grows most; it is not measured. */
const UNMEASURED = 0.25;

/**
 * The largest |eigenvalue| of the state-to-state Jacobian, by power iteration through `backward`: a random vector is carried back
 * over the walk, made unit length again at each step, and its mean growth per step is the estimate.
 *
 * Where the Jacobian is the same at every step (a linear cell, or a trajectory that rests at a fixed point) that tends to the
 * spectral radius, for complex pairs too (Gelfand 1941); the error falls like (second / first eigenvalue)^W. Elsewhere it is what
 * matters for learning, and not an eigenvalue of any one Jacobian: e to the largest Lyapunov exponent of this trajectory (Oseledets
 * 1968), over a finite way. Below 1 gradients vanish, above 1 they explode.
 *
 * @returns the geometric mean over rows; 0 where a row's Jacobian is 0, NaN where numbers were not finite
 */
export function spectralRadius(walk: Walk, random: Random): number {
  const { cell, rows, steps, parameters } = walk;
  const S = cell.stateSize;
  const trajectory = walkForward(walk);
  // Behind a state that is not finite a ReLU lets nothing through, as if the gradient had vanished.
  if (!trajectory.states.every(Number.isFinite)) return Number.NaN;
  const vectors = zerosLike(parameters, rows * S);
  for (let k = 0; k < vectors.length; k++) vectors[k] = random.normal();
  const from = Math.floor(UNMEASURED * steps);
  let logs = 0;
  walkBack(trajectory, vectors, (lag) => {
    for (let row = 0; row < rows; row++) {
      const growth = makeUnit(vectors.subarray(row * S, (row + 1) * S));
      if (lag > from) logs += ln(growth);
    }
  });
  return exp(logs / (rows * (steps - from)));
}

/** @returns the length before */
function makeUnit(vector: Float32Array | Float64Array): number {
  let squares = 0;
  for (const value of vector) squares += value * value;
  const length = Math.sqrt(squares);
  if (length > 0) for (let k = 0; k < vector.length; k++) vector[k] /= length;
  return length;
}
