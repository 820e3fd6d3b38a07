import type { Floats } from '../add-product.ts';
import { meanNorm } from './gradient-reach.ts';
import { gatesOf, type Layer } from './layers.ts';
import { type Walk, walkBack, walkForward, zerosLike } from './trajectory.ts';

export interface GateReach {
  /** From 1. */
  readonly layer: number;
  readonly gate: string;
  /** W norms: that of the step which made the last state first. */
  readonly norms: Float64Array;
}

/**
 * |dL/da_(t-k)| against the lag k for every gate of every layer, a being the gate before its activation: which gate the gradient
 * still moves. Mean over rows of the norm over H units. A gate's own bias is added to a, so for one row its gradient in a step is
 * dL/da of that step, whatever the cell keeps on its tape.
 *
 * @param dState B x S: dL/d(last state); not written
 */
export function gateReach(walk: Walk, dState: Floats, layers: readonly Layer[]): GateReach[] {
  const gates = layers.flatMap((layer, l) =>
    gatesOf(layer).map(({ name, biasAt }) => ({
      at: walk.at + layer.at + biasAt,
      size: layer.hiddenSize,
      reach: { layer: l + 1, gate: name, norms: new Float64Array(walk.steps) },
    })),
  );
  for (let row = 0; row < walk.rows; row++) {
    const S = walk.cell.stateSize;
    const gradients = zerosLike(walk.parameters, walk.at + walk.cell.parameterCount);
    const visit = (lag: number): void => {
      if (lag === 0) return;
      for (const { at, size, reach } of gates) {
        reach.norms[lag - 1] += meanNorm(gradients, at, size, 1, 0) / walk.rows;
      }
    };
    const ofRow = dState.slice(row * S, (row + 1) * S);
    walkBack(walkForward(rowOf(walk, row)), ofRow, visit, gradients);
  }
  return gates.map(({ reach }) => reach);
}

function rowOf(walk: Walk, row: number): Walk {
  const { cell, rows, steps, input, state } = walk;
  const I = cell.inputSize;
  const own = zerosLike(input, steps * I);
  for (let t = 0; t < steps; t++) {
    const from = (t * rows + row) * I;
    own.set(input.subarray(from, from + I), t * I);
  }
  const from = row * cell.stateSize;
  return { ...walk, rows: 1, input: own, state: state.slice(from, from + cell.stateSize) };
}
