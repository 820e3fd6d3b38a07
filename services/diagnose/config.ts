import type { CellKind } from '#shared/nn/cells/cell-kinds.ts';
import { DiagnoseArgumentError } from './diagnose-error.ts';

/** What a diagnosis is asked for, checked. */
export interface DiagnoseRequest {
  readonly cells: readonly CellKind[];
  /** Steps over which a symbol is to be remembered. */
  readonly lag: number;
  readonly hiddenSize: number;
  /** Cells on top of each other. */
  readonly layers: number;
  readonly updates: number;
  readonly seed: number;
  /** Where the picture goes; null: nowhere. */
  readonly svg: string | null;
}

/** The flags of `foretick diagnose` as they were typed, defaults filled in. */
export interface DiagnoseFlags {
  readonly cell?: CellKind;
  readonly lag: string;
  readonly hidden: string;
  readonly layers: string;
  readonly updates: string;
  readonly seed: string;
  readonly svg: string | false;
}

/** In the order in which memory grows; a ReLU network is looked at when it is asked for. */
const USUAL_CELLS = ['rnn', 'trace', 'gru', 'lstm'] as const;

/** @throws DiagnoseArgumentError `DIAGNOSE_ARGUMENT` */
export function diagnoseRequestFrom(flags: DiagnoseFlags): DiagnoseRequest {
  return {
    cells: flags.cell === undefined ? USUAL_CELLS : [flags.cell],
    lag: wholeNumberFrom(flags.lag, 'a lag', 2, 10_000),
    hiddenSize: wholeNumberFrom(flags.hidden, 'a hidden size', 2, 512),
    layers: wholeNumberFrom(flags.layers, 'the number of layers', 1, 8),
    updates: wholeNumberFrom(flags.updates, 'the number of updates', 0, 1_000_000),
    seed: wholeNumberFrom(flags.seed, 'a seed', 0, 0xffffffff),
    svg: flags.svg === false ? null : flags.svg,
  };
}

function wholeNumberFrom(text: string, what: string, atLeast: number, atMost: number): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < atLeast || number > atMost) {
    throw new DiagnoseArgumentError(
      `${what} is a whole number from ${atLeast} to ${atMost}, was ${JSON.stringify(text)}`,
      { text },
    );
  }
  return number;
}
