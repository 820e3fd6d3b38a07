import type { Floats } from '../add-product.ts';
import type { NetworkShape } from '../network-shape.ts';
import type { ParameterLayout } from '../parameters.ts';
import { BACKWARD_PANEL, FORWARD_PANEL } from './emit/dense-shapes.ts';
import { LANE } from './emit/function-body.ts';
import type { HeadPlan } from './emit/head.ts';
import type { LstmPlan } from './emit/lstm-plan.ts';
import type { MemoryPlan } from './memory-plan.ts';
import { packedCount, packRows } from './pack.ts';

/** Gives the head its places beside the cell's. */
export function planHead(
  plan: MemoryPlan,
  shape: NetworkShape,
  layout: ParameterLayout,
  cell: LstmPlan,
  gradients: number,
): HeadPlan {
  const { inputSize: I, hiddenSize: H, headSize: M, outputSize: O } = shape;
  const { rows, isTrained } = cell;
  const trained = (count: number): number => plan.numbers(isTrained ? count : 0);
  return {
    inputSize: I,
    hiddenSize: H,
    headSize: M,
    outputSize: O,
    rows,
    input: cell.input,
    next: cell.next,
    dHidden: cell.dHidden,
    hiddenWeights: plan.numbers(packedCount(M, 1 + H + I)),
    outputWeights: plan.numbers(packedCount(O, 1 + H + I + M)),
    hiddenFactors: plan.numbers(rows * H),
    headFactors: plan.numbers(rows * M),
    dropped: plan.numbers(rows * H),
    before: plan.numbers(rows * M),
    after: plan.numbers(rows * M),
    output: plan.numbers(rows * O),
    turnedHead: trained(packedCount(M, O)),
    turnedHidden: trained(packedCount(H, M + O)),
    dOutput: trained(rows * O),
    dHead: trained(rows * M),
    direct: gradients + layout.direct.at * LANE,
    hidden: gradients + layout.hidden.at * LANE,
    last: gradients + layout.output.at * LANE,
  };
}

/** Packs the head's parameters; the biases of the two layers that end in the outputs become one. */
export function loadHead(
  memory: Float32Array,
  plan: HeadPlan,
  layout: ParameterLayout,
  parameters: Floats,
  isTrained: boolean,
): void {
  const { inputSize: I, hiddenSize: H, headSize: M, outputSize: O } = plan;
  const Z = H + I;
  const toHead = {
    at: plan.hiddenWeights / LANE,
    columns: M,
    panelColumns: FORWARD_PANEL,
    steps: 1 + Z,
  };
  const toOutput = { ...toHead, at: plan.outputWeights / LANE, columns: O, steps: 1 + Z + M };
  const bias = { step: 0, depth: 1, stepStride: 0, columnStride: 1 };
  const joined = { step: 1, depth: Z, stepStride: 1, columnStride: Z };
  const { direct, hidden, output } = layout;
  packRows(memory, toHead, parameters, { ...bias, at: hidden.at + M * Z });
  packRows(memory, toHead, parameters, { ...joined, at: hidden.at });
  packRows(memory, toOutput, parameters, { ...bias, at: direct.at + O * Z });
  addBias(memory, toOutput, parameters, output.at + O * M);
  packRows(memory, toOutput, parameters, { ...joined, at: direct.at });
  const last = { step: 1 + Z, depth: M, stepStride: 1, columnStride: M, at: output.at };
  packRows(memory, toOutput, parameters, last);
  if (!isTrained) return;
  const panelColumns = BACKWARD_PANEL;
  const backToHead = { at: plan.turnedHead / LANE, columns: M, panelColumns, steps: O };
  const backToHidden = { at: plan.turnedHidden / LANE, columns: H, panelColumns, steps: M + O };
  const rows = { step: 0, depth: O, stepStride: M, columnStride: 1, at: output.at };
  packRows(memory, backToHead, parameters, rows);
  const ofHead = { step: 0, depth: M, stepStride: Z, columnStride: 1, at: hidden.at };
  packRows(memory, backToHidden, parameters, ofHead);
  packRows(memory, backToHidden, parameters, { ...ofHead, step: M, depth: O, at: direct.at });
}

/** Adds to the bias row of a packed B. */
function addBias(
  memory: Float32Array,
  { at, columns, steps }: { readonly at: number; readonly columns: number; readonly steps: number },
  parameters: Floats,
  from: number,
): void {
  for (let n = 0; n < columns; n++) {
    const first = n - (n % FORWARD_PANEL);
    memory[at + first * steps + (n % FORWARD_PANEL)] += parameters[from + n];
  }
}
