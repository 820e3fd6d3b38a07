import { type FunctionBody, LANE } from './function-body.ts';

/** Hidden units of a panel; their four gates lie together, 8 numbers each: input, forget, candidate, output. */
export const PANEL_UNITS = 8;
export const PANEL_BYTES = 4 * PANEL_UNITS * LANE;
export const GATE_BYTES = PANEL_UNITS * LANE;

/** Where the parts of a cell lie in memory; sizes as in kernel.ts. */
export interface LstmPlan {
  readonly inputSize: number;
  readonly hiddenSize: number;
  /** Rows of one step at most: the stride of the tape. */
  readonly rows: number;
  /** Whether a tape is kept for `backward`. */
  readonly isTrained: boolean;
  /** Whether `backward` gives dL/d(input). */
  readonly withInput: boolean;
  readonly input: number;
  readonly state: number;
  readonly index: number;
  /** rows x 2H: h', then c'. */
  readonly next: number;
  /** steps x rows x H each. */
  readonly hidden: number;
  readonly cell: number;
  readonly squashed: number;
  /** steps x panels x rows x 32. */
  readonly gates: number;
  readonly weights: number;
  /** 4H x H, turned. */
  readonly turned: number;
  readonly turnedInput: number;
  readonly gradients: number;
  readonly dState: number;
  readonly dHidden: number;
  readonly dInput: number;
}

export const panelsOf = (hiddenSize: number): number => Math.ceil(hiddenSize / PANEL_UNITS);

export interface LstmStrides {
  readonly H: number;
  readonly Z: number;
  readonly hiddenBytes: number;
  readonly stateBytes: number;
  /** From panel to panel of the gates of one step. */
  readonly panelStride: number;
  readonly panels: number;
}

export function sizesOf({ inputSize, hiddenSize, rows }: LstmPlan): LstmStrides {
  return {
    H: hiddenSize,
    Z: inputSize + hiddenSize,
    hiddenBytes: hiddenSize * LANE,
    stateBytes: 2 * hiddenSize * LANE,
    panelStride: rows * PANEL_BYTES,
    panels: panelsOf(hiddenSize),
  };
}

/**
 * Emits the walk over panels, rows and groups of four units. Parameter 0 counts the rows; parameter 1 is the gates' address, the
 * others those of arrays of H numbers a row.
 *
 * @param rowMoves bytes from row to row, for each address
 * @param body     gets the row's addresses, the group's place behind them, and how many of its lanes are units (0: all)
 */
export function eachGroup(
  f: FunctionBody,
  plan: LstmPlan,
  rowMoves: readonly number[],
  body: (addresses: readonly number[], at: number, lanes: number) => void,
): void {
  const { H, panelStride } = sizesOf(plan);
  const rowsLeft = f.local();
  const moving = rowMoves.map(() => f.local());
  const panel = (units: number): void => {
    f.get(0).set(rowsLeft);
    for (const [k, local] of moving.entries()) f.get(1 + k).set(local);
    f.countDown(rowsLeft, () => {
      for (let unit = 0; unit < units; unit += 4) {
        body(moving, unit * LANE, unit + 4 > units ? units - unit : 0);
      }
      for (const [k, local] of moving.entries()) f.advance(local, rowMoves[k]);
    });
  };
  const full = Math.floor(H / PANEL_UNITS);
  if (full > 0) {
    const panelsLeft = f.local();
    f.i32(full).set(panelsLeft);
    f.countDown(panelsLeft, () => {
      panel(PANEL_UNITS);
      for (let k = 0; k < rowMoves.length; k++) {
        f.advance(1 + k, k === 0 ? panelStride : PANEL_UNITS * LANE);
      }
    });
  }
  if (H % PANEL_UNITS > 0) panel(H % PANEL_UNITS);
}
