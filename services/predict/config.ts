import { type ConfigOf, integer, number } from '#shared/runtime/environment.ts';

const sliceRecords = integer('FORETICK_PREDICT_SLICE_RECORDS', {
  default: 64,
  atLeast: 1,
  atMost: 1000,
  unit: 'records',
  meaning: 'Records folded before other work of the process gets its turn',
});

/** How the fold is cut into pieces and how often it is saved; none of it changes a forecast. */
export const predictSettings = {
  sliceRecords,
  checkpointRecords: integer('FORETICK_PREDICT_CHECKPOINT_RECORDS', {
    default: 20_000,
    atLeast: 1,
    unit: 'records',
    meaning: 'Records of a partition whose forecasts are published before its state is saved',
  }),
  checkpointMs: integer('FORETICK_PREDICT_CHECKPOINT_MS', {
    default: 1000,
    atLeast: 1,
    unit: 'ms',
    meaning: 'Longest time from a forecast that was published to the state that contains it',
  }),
  snapshotMinutes: number('FORETICK_SNAPSHOT_MINUTES', {
    default: 10,
    above: 0,
    unit: 'minutes',
    meaning: 'Time between full copies of a partition outside the state store',
  }),
};

export type PredictConfig = ConfigOf<typeof predictSettings>;

/** Where log and state are one store, outputs and state go into one transaction, so only the slices are to be chosen. */
export const oneStoreSettings = { sliceRecords };

/** Saves with every batch. */
export function savingEveryBatch(config: ConfigOf<typeof oneStoreSettings>): PredictConfig {
  return { ...config, checkpointRecords: 1, checkpointMs: 1, snapshotMinutes: 1 };
}
