import type { Measure } from '#shared/market/measure.ts';
import type { CellKind } from '#shared/nn/cells/cell-kinds.ts';
import type { KernelName } from '#shared/nn/kernels/kernel.ts';
import type { TickExpert } from './experts/tick-experts.ts';

/** What a run forecasts and with which network; pinned in the run's manifest, equal for every process of the run. */
export interface ForecasterSettings {
  readonly measure: Measure;
  /** The ticks that are forecast; the others only feed the features. The values of rows count as trades. */
  readonly events: 'trades' | 'quotes';
  /** Ticks of one season: regular series then have their own kind of fold. Absent: ticks as they come. */
  readonly seasonTicks?: number;
  /** In forecast events of the symbol, rising. */
  readonly horizons: readonly number[];
  /** Quantile levels, rising, symmetric about .5. */
  readonly levels: readonly number[];
  readonly cell: CellKind;
  /** Cells on top of each other. */
  readonly layers: number;
  readonly hiddenSize: number;
  readonly headSize: number;
  readonly seed: number;
  /** Who speaks in forecasts of ticks, in the order of `TICK_EXPERTS`; absent: all. */
  readonly experts?: readonly TickExpert[];
  /** Of the quantile tracker on ticks; absent: the usual one. */
  readonly calibrationRate?: number;
  /** What forecasts and training run on; bits differ between kernels. A shape that `wasm` has not runs on the reference. */
  readonly kernel: KernelName;
}
