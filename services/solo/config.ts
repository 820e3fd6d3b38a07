import { ingestSettings } from '#services/ingest/config.ts';
import { oneStoreSettings } from '#services/predict/config.ts';
import { serveSettings } from '#services/serve/config.ts';
import { trainSettings } from '#services/train/config.ts';
import { CALIBRATION_RATE } from '#shared/forecast/conformal.ts';
import { TICK_EXPERTS } from '#shared/forecast/experts/tick-experts.ts';
import { LONGEST_SEASON, SHORTEST_SEASON } from '#shared/forecast/series/series-shape.ts';
import { CELL_KINDS } from '#shared/nn/cells/cell-kinds.ts';
import { KERNEL_NAMES } from '#shared/nn/kernels/kernel.ts';
import {
  type ConfigOf,
  choice,
  choices,
  integer,
  integers,
  number,
  text,
} from '#shared/runtime/environment.ts';

/** What decides the forecasts; pinned at the first start of a run. */
export const forecasterSettings = {
  horizons: integers('FORETICK_HORIZONS', {
    default: [1, 10, 100],
    atLeast: 1,
    atMost: 10_000,
    most: 255,
    unit: 'ticks',
    meaning: 'How far ahead to forecast, rising; pinned at the first start of a run',
  }),
  measure: choice('FORETICK_MEASURE', ['price', 'value'], {
    default: 'price',
    meaning: 'Whether values are prices above zero (log returns) or any numbers (differences)',
  }),
  events: choice('FORETICK_EVENTS', ['trades', 'quotes'], {
    default: 'trades',
    meaning: 'Which ticks are forecast; the others feed the features',
  }),
  seasonTicks: integer('FORETICK_SEASON_TICKS', {
    default: 0,
    atLeast: 0,
    atMost: LONGEST_SEASON,
    unit: 'ticks',
    meaning: `Ticks of one season, ${SHORTEST_SEASON} or more, as 24 for hours: values (FORETICK_MEASURE=value) are then forecast as regular series; 0 for ticks as they come; pinned at the first start of a run`,
  }),
  cell: choice('FORETICK_CELL', CELL_KINDS, {
    default: 'lstm',
    meaning: 'The recurrent cell; pinned at the first start of a run',
  }),
  layers: integer('FORETICK_LAYERS', {
    default: 1,
    atLeast: 1,
    atMost: 8,
    unit: 'layers',
    meaning: 'Cells on top of each other; pinned at the first start of a run',
  }),
  hiddenSize: integer('FORETICK_HIDDEN_SIZE', {
    default: 0,
    atLeast: 0,
    atMost: 256,
    unit: 'units',
    meaning:
      'Hidden units of a layer; 0 for 16, and 48 with a season; pinned at the first start of a run',
  }),
  headSize: integer('FORETICK_HEAD_SIZE', {
    default: 0,
    atLeast: 0,
    atMost: 512,
    unit: 'units',
    meaning:
      "Units of the head's hidden layer; 0 for 48, and 64 with a season; pinned at the first start of a run",
  }),
  kernel: choice('FORETICK_KERNEL', KERNEL_NAMES, {
    default: 'wasm',
    meaning:
      'What the network runs on: vectors (one LSTM layer; other networks run on the reference), vectors with fused multiply-add (faster, but bits differ between machines: digests compare only within one CPU family), or plain TypeScript; pinned at the first start of a run',
  }),
  experts: choices('FORETICK_EXPERTS', TICK_EXPERTS, {
    default: TICK_EXPERTS,
    meaning: 'Who takes part in the mix of forecasts of ticks; pinned at the first start of a run',
  }),
  calibrationRate: number('FORETICK_CALIBRATION_RATE', {
    default: CALIBRATION_RATE,
    atLeast: 0,
    atMost: 1,
    unit: 'per forecast',
    meaning:
      'Step of the quantile tracker on ticks, one tick ahead; 0 leaves quantiles as they were mixed; pinned at the first start of a run',
  }),
  modelSeed: integer('FORETICK_MODEL_SEED', {
    default: 1,
    atLeast: 0,
    atMost: 4_294_967_295,
    unit: 'seed',
    meaning: 'Seed of the first weights and of all training; pinned at the first start of a run',
  }),
};

/** The least urgent events that a process tells. */
export const logLevel = choice('FORETICK_LOG_LEVEL', ['debug', 'info', 'warn', 'error'], {
  default: 'info',
  meaning: 'The least urgent log events that are written',
});

/** How long a process may take to end in order. */
export const drainSeconds = number('FORETICK_DRAIN_SECONDS', {
  default: 12,
  above: 0,
  atMost: 3_600,
  unit: 's',
  meaning:
    'How long a stop may take before it is cut short with exit code 1; a supervisor grants 3 s more',
});

/** Everything that `npm start` reads: its own settings and those of the four services it runs. */
export const soloSettings = {
  dataDir: text('FORETICK_DATA_DIR', {
    default: '.foretick',
    meaning: 'Folder of the embedded log and store; a later start goes on from it',
  }),
  partitions: integer('FORETICK_PARTITIONS', {
    default: 4,
    atLeast: 1,
    atMost: 256,
    unit: 'partitions',
    meaning: 'Partitions of ticks and forecasts; pinned when the folder is made',
  }),
  retainRecords: integer('FORETICK_RETAIN_RECORDS', {
    default: 500_000,
    atLeast: 10_000,
    unit: 'records',
    meaning: 'Newest records kept per partition of a topic; older ones are deleted',
  }),
  ...forecasterSettings,
  logLevel,
  drainSeconds,
  ingest: ingestSettings,
  predict: oneStoreSettings,
  train: trainSettings,
  serve: serveSettings,
};

export type SoloConfig = ConfigOf<typeof soloSettings>;
