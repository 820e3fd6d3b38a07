import { type ConfigOf, choice, flag, integer, number, text } from '#shared/runtime/environment.ts';

/** Beyond these a tick is refused, however well it reads. */
export interface IngestLimits {
  /** Of the event time before the clock of ingest. */
  readonly maxAheadMs: number;
  /** In one life of ingest. */
  readonly maxSymbols: number;
}

/** Where ticks come from and what happens to bad ones. */
export const ingestSettings = {
  source: choice('FORETICK_SOURCE', ['simulated', 'file'], {
    default: 'simulated',
    meaning: 'Where ticks come from: a seeded market that needs no network, or recorded files',
  }),
  badRows: choice('FORETICK_BAD_ROWS', ['reject', 'fail'], {
    default: 'reject',
    meaning: 'A row that is no tick is counted and kept on the topic rejects, or ends the service',
  }),
  warmUpTicks: integer('FORETICK_WARM_UP_TICKS', {
    default: 100,
    atLeast: 0,
    atMost: 1_000_000,
    unit: 'ticks',
    meaning: 'First forecast ticks of each symbol whose forecasts are not scored',
  }),
  maxAheadMinutes: number('FORETICK_MAX_AHEAD_MINUTES', {
    default: 60,
    above: 0,
    unit: 'minutes',
    meaning:
      "A tick so far ahead of this machine's clock is refused (AHEAD): after it, all others of its symbol would be late",
  }),
  maxSymbols: integer('FORETICK_MAX_SYMBOLS', {
    default: 10_000,
    atLeast: 1,
    unit: 'symbols',
    meaning:
      'Ticks of further symbols are refused (TOO_MANY_SYMBOLS): each symbol costs memory in every service, for ever',
  }),
  file: {
    input: text('FORETICK_FILE_INPUT', {
      default: '',
      meaning: 'CSV or CSV.gz file, or folder of them, for the source file',
    }),
    layout: choice('FORETICK_FILE_LAYOUT', ['ticks', 'wide'], {
      default: 'ticks',
      meaning: 'One tick per line, or a time column and one column per series',
    }),
    symbolFrom: choice('FORETICK_FILE_SYMBOL_FROM', ['column', 'file'], {
      default: 'column',
      meaning: "Whether a symbol's name is in the file or is the name of the file",
    }),
    rowsPerSecond: number('FORETICK_FILE_ROWS_PER_SECOND', {
      default: 0,
      atLeast: 0,
      atMost: 1_000_000,
      unit: 'rows/s',
      meaning: 'Steady pace of the source file, as a live feed; 0 for as fast as it is read',
    }),
  },
  simulated: {
    symbolCount: integer('FORETICK_SIM_SYMBOLS', {
      default: 6,
      atLeast: 1,
      atMost: 24,
      unit: 'symbols',
      meaning: 'Symbols of the simulated market',
    }),
    seed: integer('FORETICK_SIM_SEED', {
      default: 1,
      atLeast: 0,
      atMost: 4_294_967_295,
      unit: 'seed',
      meaning: 'Seed of the simulated market; the same seed gives the same market',
    }),
    historyTicks: integer('FORETICK_SIM_HISTORY_TICKS', {
      default: 12_000,
      atLeast: 0,
      atMost: 2_000_000,
      unit: 'ticks',
      meaning: 'Ticks of all symbols together that are played at full speed before it goes live',
    }),
    tradesPerSecond: number('FORETICK_SIM_TRADES_PER_SECOND', {
      default: 6,
      above: 0,
      atMost: 1_000,
      unit: 'trades/s',
      meaning: 'Mean trades of one symbol; quotes come about one and a half times as often',
    }),
    hasRegimes: flag('FORETICK_SIM_REGIMES', {
      default: true,
      meaning: 'Changes between calm and hectic times, each announced by an unusually wide quote',
    }),
    hasGaps: flag('FORETICK_SIM_GAPS', {
      default: false,
      meaning: 'Silences of 5 to 40 s now and then',
    }),
    badTickShare: number('FORETICK_SIM_BAD_TICK_SHARE', {
      default: 0,
      atLeast: 0,
      atMost: 0.5,
      unit: 'ratio',
      meaning: 'Bad rows per good row, added without a change to the good ones',
    }),
  },
};

export type IngestConfig = ConfigOf<typeof ingestSettings>;

const MINUTE_MS = 60_000;

/** What a live feed may not do; a replay of recorded ticks has no such limits. */
export function limitsOf({ maxAheadMinutes, maxSymbols }: IngestConfig): IngestLimits {
  return { maxAheadMs: maxAheadMinutes * MINUTE_MS, maxSymbols };
}
