import type { ForecastModel } from '#shared/forecast/fold-output.ts';
import { Forecaster } from '#shared/forecast/forecaster.ts';
import type { ForecasterSettings } from '#shared/forecast/forecaster-settings.ts';

/** The fold of one partition, as its owner needs it. */
export type PartitionFold = Pick<
  Forecaster,
  'fold' | 'addModel' | 'restorePartition' | 'restoreSymbol' | 'partitionState' | 'drainChanged'
>;

/** Makes the fold of a partition that nothing was folded of yet. */
export type NewFold = (
  partition: number,
  settings: ForecasterSettings,
  genesis: ForecastModel,
) => PartitionFold;

export const newForecaster: NewFold = (partition, settings, genesis) =>
  new Forecaster(partition, settings, genesis);
