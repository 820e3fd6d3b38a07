import type { Floats } from '../add-product.ts';
import { BACKWARD_PANEL } from './emit/dense-shapes.ts';
import { LANE } from './emit/function-body.ts';
import { type LstmPlan, PANEL_UNITS, panelsOf } from './emit/lstm-plan.ts';
import type { LstmSize } from './kernel.ts';
import type { MemoryPlan } from './memory-plan.ts';
import { packedCount, packRows } from './pack.ts';

const PANEL = 4 * PANEL_UNITS;

export interface LstmPlanOptions {
  /** Whether a tape is kept for `backward`. */
  readonly isTrained: boolean;
  /** Whether `backward` gives dL/d(input): a first layer's is not wanted. */
  readonly withInput: boolean;
  /** Address of the gradients, which may be part of a network's. */
  readonly gradients: number;
}

/** Gives a cell its places; what nobody asks for gets none. */
export function planLstm(
  plan: MemoryPlan,
  { inputSize: I, hiddenSize: H, rows, steps, symbols }: LstmSize,
  options: LstmPlanOptions,
): LstmPlan {
  const panels = panelsOf(H);
  const { isTrained, withInput } = options;
  const trained = (count: number): number => plan.numbers(isTrained ? count : 0);
  return {
    ...options,
    inputSize: I,
    hiddenSize: H,
    rows,
    weights: plan.numbers(panels * PANEL * (1 + I + H)),
    input: plan.numbers(steps * rows * I),
    state: plan.numbers(symbols * 2 * H),
    index: plan.numbers(rows),
    next: plan.numbers(rows * 2 * H),
    hidden: plan.numbers(steps * rows * H),
    cell: plan.numbers(steps * rows * H),
    squashed: trained(steps * rows * H),
    gates: plan.numbers(steps * panels * rows * PANEL),
    turned: trained(packedCount(H, panels * PANEL)),
    turnedInput: trained(withInput ? packedCount(I, panels * PANEL) : 0),
    dState: trained(rows * 2 * H),
    dHidden: trained(steps * rows * H),
    dInput: trained(withInput ? steps * rows * I : 0),
  };
}

/**
 * Packs a cell's parameters: for every 8 units the biases of their four gates, then a row of 32 weights for each input and each
 * hidden unit; and for `backward` the same weights turned. Units that fill the last panel keep weights of 0.
 *
 * @param at where the cell's parameters begin
 */
export function loadLstm(
  memory: Float32Array,
  plan: LstmPlan,
  parameters: Floats,
  at: number,
): void {
  const { inputSize: I, hiddenSize: H } = plan;
  const Z = I + H;
  const steps = 1 + Z;
  const biasAt = at + 4 * H * Z;
  for (let gate = 0; gate < 4; gate++) {
    for (let unit = 0; unit < H; unit++) {
      const row = gate * H + unit;
      const lane = gate * PANEL_UNITS + (unit % PANEL_UNITS);
      const to = plan.weights / LANE + Math.floor(unit / PANEL_UNITS) * PANEL * steps + lane;
      memory[to] = parameters[biasAt + row];
      for (let k = 0; k < Z; k++) memory[to + (1 + k) * PANEL] = parameters[at + row * Z + k];
    }
  }
  if (plan.isTrained) turnLstm(memory, plan, parameters, at);
}

function turnLstm(memory: Float32Array, plan: LstmPlan, parameters: Floats, at: number): void {
  const { inputSize: I, hiddenSize: H } = plan;
  const steps = panelsOf(H) * PANEL;
  const panelColumns = BACKWARD_PANEL;
  const toInput = { at: plan.turnedInput / LANE, columns: I, panelColumns, steps };
  const toHidden = { at: plan.turned / LANE, columns: H, panelColumns, steps };
  const Z = I + H;
  for (let first = 0; first < H; first += PANEL_UNITS) {
    const depth = Math.min(PANEL_UNITS, H - first);
    for (let gate = 0; gate < 4; gate++) {
      const step = first * 4 + gate * PANEL_UNITS;
      const rows = { step, depth, stepStride: Z, columnStride: 1 };
      const from = at + (gate * H + first) * Z;
      if (plan.withInput) packRows(memory, toInput, parameters, { ...rows, at: from });
      packRows(memory, toHidden, parameters, { ...rows, at: from + I });
    }
  }
}
