import { PipelineError } from '#shared/errors.ts';
import type { Quote, Trade } from '#shared/market/tick.ts';
import type { QuantileNetwork } from '#shared/nn/quantile-network.ts';
import type { ForecastEntry } from './forecast.ts';
import type { ScoreRecord } from './score.ts';
import type { TakeOutcome } from './tick-sequence.ts';

/** A switch names a model that was not handed to the fold. Reaction: stall the partition and alarm; never skip. */
export class ModelMissingError extends PipelineError {
  override readonly code = 'MODEL_MISSING';
}

export interface ForecastModel {
  readonly sha: string;
  readonly network: QuantileNetwork;
}

/** A record of `ticks` that the fold could not use, and why. */
export interface FoldReject {
  readonly src: bigint;
  readonly reason: 'LATE' | 'CORRUPT' | 'GROUP_UNKNOWN';
  readonly message: string;
}

/** What one call of `fold` has made, in log order. */
export interface FoldOutput {
  readonly entries: ForecastEntry[];
  readonly scores: ScoreRecord[];
  readonly rejects: FoldReject[];
  tickCount: number;
  duplicateCount: number;
  /** Events whose forecast had a number that was not finite; their state stayed. */
  nonFiniteCount: number;
}

export interface TickLogRecord {
  readonly offset: bigint;
  readonly value: Uint8Array;
}

export function emptyOutput(): FoldOutput {
  return {
    entries: [],
    scores: [],
    rejects: [],
    tickCount: 0,
    duplicateCount: 0,
    nonFiniteCount: 0,
  };
}

export function countTick(
  out: FoldOutput,
  src: bigint,
  tick: Trade | Quote,
  outcome: TakeOutcome,
): void {
  if (outcome === 'duplicate') {
    out.duplicateCount += 1;
  } else if (outcome === 'late') {
    const message = `tick of ${tick.symbol} at ${tick.eventTimeNs} ns came after a later one`;
    out.rejects.push({ src, reason: 'LATE', message });
  } else {
    out.tickCount += 1;
  }
}
