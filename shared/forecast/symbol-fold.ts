import type { Quote, Trade } from '#shared/market/tick.ts';
import type { QuantileNetwork } from '#shared/nn/quantile-network.ts';
import type { HorizonForecast } from './forecast.ts';
import type { HorizonScore } from './score.ts';
import type { SymbolArena } from './symbol-arena.ts';
import type { SymbolObservation } from './symbol-observation.ts';
import type { TakeOutcome } from './tick-sequence.ts';

/** When and beside whom a forecast is issued. */
export interface Moment {
  readonly isWarming: boolean;
  /** Rows of all symbols of the group, in column order, the symbol's own among them; empty for a symbol on its own. */
  readonly groupRows: readonly number[];
}

/** What the fold does with the symbols of a run, for one kind of forecast; the state of each lies in its row of the arena. */
export interface SymbolFold {
  readonly observation: SymbolObservation;
  /** Names of those who speak in its forecasts. */
  readonly experts: readonly string[];
  readonly f64Slots: number;
  readonly f32Slots: number;
  begin(arena: SymbolArena, row: number, priceStep: number): void;
  /** Takes the tick in; where it is a forecast event, scores and learns from the forecasts it matures. */
  take(arena: SymbolArena, row: number, tick: Trade | Quote, key: number): TakeOutcome;
  /** The scores of the span that the newest event completes, else nothing. */
  scores(arena: SymbolArena, row: number): readonly HorizonScore[];
  /** Steps the network on the newest event and states the quantiles; null (the state stays) where a number is not finite. */
  issue(
    arena: SymbolArena,
    row: number,
    network: QuantileNetwork,
    moment: Moment,
  ): HorizonForecast[] | null;
}
