import { addProduct, type Floats } from './add-product.ts';

/** Numbers of a layer: `outputs` x `inputs` weights, row-major, then `outputs` biases. */
export function denseParameterCount(inputs: number, outputs: number): number {
  return outputs * (inputs + 1);
}

/**
 * y = W x + b for `rows` rows.
 *
 * @param at     where the layer's parameters begin
 * @param input  rows x inputs, from `inputAt`
 * @param output rows x outputs from `outputAt`, overwritten
 */
export function denseForward(
  rows: number,
  inputs: number,
  outputs: number,
  parameters: Floats,
  at: number,
  input: Floats,
  inputAt: number,
  output: Floats,
  outputAt: number,
): void {
  const biasAt = at + outputs * inputs;
  for (let r = 0; r < rows; r++) {
    for (let o = 0; o < outputs; o++) output[outputAt + r * outputs + o] = parameters[biasAt + o];
  }
  addProduct(
    rows,
    outputs,
    inputs,
    input,
    inputAt,
    inputs,
    1,
    parameters,
    at,
    1,
    inputs,
    output,
    outputAt,
    outputs,
  );
}

/**
 * dL/dx += W' dL/dy for some neighbouring inputs of every row: what was observed needs no gradient.
 *
 * @param at        where the first row of weights has that of the first of these `columns` inputs
 * @param dInput    rows x columns, from `dInputAt`, added to
 * @param dInputRow distance from row to row in it
 */
export function denseBackwardInput(
  rows: number,
  inputs: number,
  outputs: number,
  columns: number,
  parameters: Floats,
  at: number,
  dOutput: Floats,
  dOutputAt: number,
  dInput: Floats,
  dInputAt: number,
  dInputRow = columns,
): void {
  addProduct(
    rows,
    columns,
    outputs,
    dOutput,
    dOutputAt,
    outputs,
    1,
    parameters,
    at,
    inputs,
    1,
    dInput,
    dInputAt,
    dInputRow,
  );
}

/** dL/dW += dL/dy x' and dL/db += dL/dy, over all rows; `gradients` has the parameters' layout, null where nobody asks for them. */
export function denseBackwardParameters(
  rows: number,
  inputs: number,
  outputs: number,
  input: Floats,
  inputAt: number,
  dOutput: Floats,
  dOutputAt: number,
  gradients: Floats | null,
  at: number,
): void {
  if (gradients === null) return;
  addProduct(
    outputs,
    inputs,
    rows,
    dOutput,
    dOutputAt,
    1,
    outputs,
    input,
    inputAt,
    inputs,
    1,
    gradients,
    at,
    inputs,
  );
  const biasAt = at + outputs * inputs;
  for (let o = 0; o < outputs; o++) {
    let sum = gradients[biasAt + o];
    for (let r = 0; r < rows; r++) sum += dOutput[dOutputAt + r * outputs + o];
    gradients[biasAt + o] = sum;
  }
}
