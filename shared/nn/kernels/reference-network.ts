import type { Floats } from '../add-product.ts';
import { networkCell } from '../network-shape.ts';
import { parameterLayout } from '../parameters.ts';
import { type FloatsConstructor, headBackward, headForward, headTape } from '../quantile-head.ts';
import { countNotFinite } from './finite-rows.ts';
import type { NetworkKernel, NetworkSize } from './kernel.ts';

/** A network of any cell on the loops of its cell and of quantile-head.ts, in float32 or float64. */
export function referenceNetwork(
  { shape, rows, steps, isTrained }: NetworkSize,
  floats: FloatsConstructor,
): NetworkKernel {
  const { inputSize: I, hiddenSize: H, headSize: M, outputSize: O } = shape;
  const layout = parameterLayout(shape);
  const cell = networkCell(shape);
  const S = cell.stateSize;
  const trained = (count: number): Floats => new floats(isTrained ? count : 0);
  const parameters = new floats(layout.length);
  const input = new floats(steps * rows * I);
  const state = new floats(rows * S);
  const next = new floats(rows * S);
  const tape = new floats(steps * rows * cell.tapeSize);
  const head = headTape(shape, rows, floats);
  const hiddenFactors = new floats(rows * H).fill(1);
  const headFactors = new floats(rows * M).fill(1);
  const dOutput = trained(rows * O);
  const gradients = trained(layout.length);
  const dHidden = trained(steps * rows * H);
  const dJoined = trained(rows * H);
  const dState = trained(rows * S);

  /** Puts dropout(h), x of every row side by side. */
  function join(count: number, t: number): void {
    for (let r = 0; r < count; r++) {
      const at = r * (H + I);
      const hidden = r * S + cell.hiddenAt;
      for (let k = 0; k < H; k++) head.joined[at + k] = next[hidden + k] * hiddenFactors[r * H + k];
      for (let k = 0; k < I; k++) head.joined[at + H + k] = input[(t * rows + r) * I + k];
    }
  }

  /** dL/dh of a step is what its head says plus what came back from later steps. */
  function addHidden(count: number, t: number): void {
    for (let r = 0; r < count; r++) {
      const hidden = r * S + cell.hiddenAt;
      for (let k = 0; k < H; k++) dState[hidden + k] += dHidden[(t * rows + r) * H + k];
    }
  }

  return {
    stateSize: S,
    input,
    state,
    next,
    output: head.output,
    hiddenFactors,
    headFactors,
    dOutput,
    gradients,
    load: (from) => parameters.set(from),
    recur(count, t) {
      for (let k = 0; k < count * S; k++) next[k] = state[k];
      const at = layout.cell.at;
      const tapeAt = t * rows * cell.tapeSize;
      cell.forward(count, parameters, at, input, t * rows * I, next, 0, tape, tapeAt);
      let refused = 0;
      for (let r = 0; r < count; r++) {
        const bad =
          countNotFinite(1, next, r * S, S) + countNotFinite(1, input, (t * rows + r) * I, I);
        if (bad > 0) refused += 1;
      }
      return refused;
    },
    predict(count, t) {
      join(count, t);
      headForward(count, shape, layout, parameters, head, headFactors);
      return countNotFinite(count, head.output, 0, O);
    },
    keep(count) {
      for (let k = 0; k < count * S; k++) state[k] = next[k];
    },
    headBackward(count, t) {
      dJoined.fill(0);
      headBackward(
        count,
        shape,
        layout,
        parameters,
        head,
        headFactors,
        dOutput,
        gradients,
        dJoined,
      );
      const at = t * rows * H;
      for (let k = 0; k < count * H; k++) dHidden[at + k] = dJoined[k] * hiddenFactors[k];
    },
    throughTime(count, walked) {
      dState.fill(0);
      for (let t = walked - 1; t >= 0; t--) {
        addHidden(count, t);
        const tapeAt = t * rows * cell.tapeSize;
        cell.backward(count, parameters, layout.cell.at, tape, tapeAt, dState, gradients);
      }
    },
  };
}
