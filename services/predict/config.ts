import { type ConfigOf, integer } from '#shared/runtime/environment.ts';

/** How the fold is cut into pieces; none of it changes a forecast. */
export const predictSettings = {
  sliceRecords: integer('FORETICK_PREDICT_SLICE_RECORDS', {
    default: 64,
    atLeast: 1,
    atMost: 1000,
    unit: 'records',
    meaning: 'Records folded before other work of the process gets its turn',
  }),
};

export type PredictConfig = ConfigOf<typeof predictSettings>;
