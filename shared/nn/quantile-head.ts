import { addProduct, type Floats } from './add-product.ts';
import { denseBackwardInput, denseBackwardParameters, denseForward } from './dense.ts';
import { geluBackward, geluForward } from './gelu.ts';
import type { NetworkShape } from './network-shape.ts';
import type { ParameterLayout } from './parameters.ts';

/** What one pass of the head works in, for a fixed number of rows. Filled by `headForward`, used up by `headBackward`. */
export interface HeadTape {
  /** rows x (H + I): dropout(h), then x. Filled by the caller. */
  readonly joined: Floats;
  /** rows x M, before the activation. */
  readonly preHidden: Floats;
  /** rows x M, after activation and dropout. */
  readonly hidden: Floats;
  /** rows x outputs. */
  readonly output: Floats;
  /** rows x M. */
  readonly dHidden: Floats;
}

export function headTape(shape: NetworkShape, rows: number, floats: FloatsConstructor): HeadTape {
  const { inputSize, hiddenSize, headSize, outputSize } = shape;
  return {
    joined: new floats(rows * (hiddenSize + inputSize)),
    preHidden: new floats(rows * headSize),
    hidden: new floats(rows * headSize),
    output: new floats(rows * outputSize),
    dHidden: new floats(rows * headSize),
  };
}

/** Chooses the storage: float32 at work, float64 where gradients are checked. */
export type FloatsConstructor = Float32ArrayConstructor | Float64ArrayConstructor;

/**
 * o = W1 z + b1 + W3 dropout(gelu(W2 z + b2)) + b3 with z = [dropout(h); x]: the features reach the outputs directly, and through
 * a small hidden layer.
 *
 * @param factors rows x M dropout factors; null at inference
 */
export function headForward(
  rows: number,
  shape: NetworkShape,
  layout: ParameterLayout,
  parameters: Floats,
  tape: HeadTape,
  factors: Floats | null,
): void {
  const { headSize, outputSize } = shape;
  const joinedSize = shape.hiddenSize + shape.inputSize;
  const { joined, preHidden, hidden, output } = tape;
  denseForward(rows, joinedSize, headSize, parameters, layout.hidden.at, joined, 0, preHidden, 0);
  geluForward(rows * headSize, preHidden, hidden);
  if (factors !== null) scale(rows * headSize, factors, hidden);
  denseForward(rows, joinedSize, outputSize, parameters, layout.direct.at, joined, 0, output, 0);
  const biasAt = layout.output.at + outputSize * headSize;
  for (let r = 0; r < rows; r++) {
    for (let o = 0; o < outputSize; o++) output[r * outputSize + o] += parameters[biasAt + o];
  }
  addProduct(
    rows,
    outputSize,
    headSize,
    hidden,
    0,
    headSize,
    1,
    parameters,
    layout.output.at,
    1,
    headSize,
    output,
    0,
    outputSize,
  );
}

/**
 * Adds the head's gradients and dL/d(dropout(h)).
 *
 * @param dOutput rows x outputs
 * @param dJoinedHidden rows x H, added to
 */
export function headBackward(
  rows: number,
  shape: NetworkShape,
  layout: ParameterLayout,
  parameters: Floats,
  tape: HeadTape,
  factors: Floats | null,
  dOutput: Floats,
  gradients: Floats,
  dJoinedHidden: Floats,
): void {
  const { hiddenSize, headSize, outputSize } = shape;
  const joinedSize = hiddenSize + shape.inputSize;
  const { joined, preHidden, hidden, dHidden } = tape;
  dHidden.fill(0);
  denseBackwardParameters(
    rows,
    headSize,
    outputSize,
    hidden,
    0,
    dOutput,
    0,
    gradients,
    layout.output.at,
  );
  denseBackwardInput(
    rows,
    headSize,
    outputSize,
    headSize,
    parameters,
    layout.output.at,
    dOutput,
    0,
    dHidden,
    0,
  );
  if (factors !== null) scale(rows * headSize, factors, dHidden);
  geluBackward(rows * headSize, preHidden, dHidden);
  denseBackwardParameters(
    rows,
    joinedSize,
    headSize,
    joined,
    0,
    dHidden,
    0,
    gradients,
    layout.hidden.at,
  );
  denseBackwardParameters(
    rows,
    joinedSize,
    outputSize,
    joined,
    0,
    dOutput,
    0,
    gradients,
    layout.direct.at,
  );
  denseBackwardInput(
    rows,
    joinedSize,
    headSize,
    hiddenSize,
    parameters,
    layout.hidden.at,
    dHidden,
    0,
    dJoinedHidden,
    0,
  );
  denseBackwardInput(
    rows,
    joinedSize,
    outputSize,
    hiddenSize,
    parameters,
    layout.direct.at,
    dOutput,
    0,
    dJoinedHidden,
    0,
  );
}

function scale(count: number, factors: Floats, values: Floats): void {
  for (let k = 0; k < count; k++) values[k] *= factors[k];
}
