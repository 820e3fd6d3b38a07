import { distributedSettings } from '#services/distributed/config.ts';
import { soloSettings } from '#services/solo/config.ts';
import type { Measure } from '#shared/market/measure.ts';
import type { CellKind } from '#shared/nn/cells/cell-kinds.ts';
import type { KernelName } from '#shared/nn/kernels/kernel.ts';
import type { ConfigOf } from '#shared/runtime/environment.ts';
import { endingOf } from './files/forecast-file.ts';
import {
  cutsFrom,
  horizonsFrom,
  seasonFrom,
  seedFrom,
  type WarmUp,
  warmUpFrom,
} from './replay-arguments.ts';
import { ReplayArgumentError } from './replay-error.ts';

/** A replay reads what `npm start` and the processes on Kafka read, so that one environment serves all; its flags say the rest. */
export const replaySettings = {
  ...distributedSettings,
  ...soloSettings,
  predict: distributedSettings.predict,
};

export type ReplayConfig = ConfigOf<typeof replaySettings>;

/** Where a recorded log is: the data folder of `npm start` or of a replay, or topics of Kafka. */
export type RecordedInput =
  | { readonly kind: 'log'; readonly folder: string }
  | { readonly kind: 'kafka'; readonly prefix: string };

/** What a replay is asked for, checked. */
export interface ReplayRequest {
  /** A file, or a folder of files that are merged by event time; meaningless for a recording. */
  readonly input: string;
  /** Null where the input is files. */
  readonly recorded: RecordedInput | null;
  readonly layout: 'ticks' | 'wide';
  readonly symbolFrom: 'column' | 'file';
  readonly events: 'trades' | 'quotes';
  readonly measure: Measure;
  readonly horizons: readonly number[];
  /** Ticks of a season of regular series; null: ticks as they come. */
  readonly seasonTicks: number | null;
  readonly warmUp: WarmUp;
  readonly seed: number;
  /** Null: as FORETICK_CELL says. */
  readonly cell: CellKind | null;
  /** Null: as FORETICK_KERNEL says. */
  readonly kernel: KernelName | null;
  readonly doesTrain: boolean;
  readonly badRows: 'fail' | 'reject';
  readonly output: OutputRequest;
  /** Starts over where a replay with the same arguments was cut off. */
  readonly isFresh: boolean;
  /** Leaves the work folder (log, state, models) when all is done. */
  readonly keepsWork: boolean;
  /** Shares of the tape at which to change the future, percent; null: a plain replay. */
  readonly lookAheadCuts: readonly number[] | null;
}

export interface OutputRequest {
  /** Null: forecasts are made and scored, but not written. */
  readonly forecasts: string | null;
  readonly shape: 'wide' | 'long';
  readonly columns: 'point' | 'point,quantiles';
  /** Null: beside the forecasts. */
  readonly rejects: string | null;
}

/** The flags of `foretick replay` as they were typed, defaults filled in; choices are already checked. */
export interface ReplayFlags
  extends Pick<ReplayRequest, 'input' | 'layout' | 'symbolFrom' | 'events' | 'measure' | 'badRows'>,
    Pick<OutputRequest, 'shape' | 'columns'> {
  readonly horizons: string;
  readonly seasonTicks?: string;
  readonly warmUp: string;
  readonly seed: string;
  readonly train: boolean;
  readonly cell?: CellKind;
  readonly kernel?: KernelName;
  readonly forecasts?: string;
  readonly rejects?: string;
  readonly fresh?: true;
  readonly keep?: true;
  readonly check?: 'look-ahead';
  readonly cut: string;
}

/** What a recorded log says itself. */
const OF_FILES: readonly string[] = [
  ...[
    '--layout',
    '--symbol-from',
    '--events',
    '--measure',
    '--bad-rows',
    '--horizons',
    '--season-ticks',
  ],
  ...['--warm-up', '--seed', '--cell', '--kernel', '--no-train', '--check', '--cut'],
];

/**
 * @param typed the flags that were typed, as `--seed`; the others hold their defaults
 * @throws ReplayArgumentError `REPLAY_ARGUMENT`
 */
export function replayRequestFrom(
  flags: ReplayFlags,
  typed: readonly string[] = [],
): ReplayRequest {
  const recorded = recordedInput(flags.input);
  if (recorded !== null) requireNone(typed.filter((flag) => OF_FILES.includes(flag)));
  const { input, layout, symbolFrom, events, measure, badRows, shape, columns } = flags;
  const { forecasts = null, rejects = null } = flags;
  if (forecasts !== null) endingOf(forecasts);
  const cuts = cutsFrom(flags.cut);
  return {
    recorded,
    ...{ input, layout, symbolFrom, events, measure, badRows },
    horizons: horizonsFrom(flags.horizons),
    seasonTicks: seasonFrom(flags.seasonTicks, measure),
    warmUp: warmUpFrom(flags.warmUp),
    seed: seedFrom(flags.seed),
    cell: flags.cell ?? null,
    kernel: flags.kernel ?? null,
    doesTrain: flags.train,
    output: { forecasts, rejects, shape, columns },
    isFresh: flags.fresh ?? false,
    keepsWork: flags.keep ?? false,
    lookAheadCuts: flags.check === 'look-ahead' ? cuts : null,
  };
}

function recordedInput(input: string): RecordedInput | null {
  const [, kind, name = ''] = /^(log|kafka):(.*)$/.exec(input) ?? [];
  if (kind === undefined) return null;
  if (name === '') {
    throw new ReplayArgumentError(`a recording is log:FOLDER or kafka:PREFIX, was ${kind}:`);
  }
  return kind === 'log' ? { kind, folder: name } : { kind: 'kafka', prefix: name };
}

function requireNone(flags: readonly string[]): void {
  if (flags.length === 0) return;
  throw new ReplayArgumentError(
    `a recording brings its own settings, so ${flags.join(' and ')} must be left out`,
    { flags },
  );
}
