import type { TickSource } from '#services/ingest/sources/source.ts';
import type { EventLog } from '#shared/log/event-log.ts';
import { compareForecasts, type ForecastComparison } from './forecast-comparison.ts';
import { ReplayFailedError } from './replay-error.ts';
import { runTape, type TapeRun } from './run-tape.ts';
import { shiftedSource } from './shifted-source.ts';
import type { TapeStores } from './tape-stores.ts';

export interface LookAheadOptions {
  /** A fresh source of the same tape at every call. */
  readonly openSource: () => TickSource;
  /** Put around the source after its future was changed; a test plants a leak with it. */
  readonly around?: (source: TickSource) => TickSource;
  /** Fresh, empty stores at every call. */
  readonly openStores: (name: string) => Promise<TapeStores>;
  readonly run: Omit<TapeRun, 'source' | 'stores'>;
  /** Shares of the tape's event time, percent. */
  readonly cuts: readonly number[];
  readonly onProgress?: (text: string) => void;
}

/** What one cut showed. */
export interface LookAheadFinding extends ForecastComparison {
  readonly cutPercent: number;
  readonly cutNs: bigint;
}

/**
 * Replays a tape as it is, and once per cut with everything after the cut changed; every forecast from before must be the same
 * bit for bit, and some later one must differ (or the check itself saw nothing).
 *
 * @throws LookAheadError `REPLAY_LOOK_AHEAD` with the first difference, ReplayFailedError `REPLAY_FAILED`
 */
export async function checkLookAhead(
  options: LookAheadOptions,
): Promise<readonly LookAheadFinding[]> {
  const around = options.around ?? ((source) => source);
  const truth = await options.openStores('as-is');
  try {
    options.onProgress?.('replaying the tape as it is');
    const source = around(options.openSource());
    await runTape({ ...options.run, source, stores: truth });
    const findings: LookAheadFinding[] = [];
    for (const cut of options.cuts) {
      options.onProgress?.(`replaying it with another future after ${cut} %`);
      findings.push(await checkCut(truth.log, cut, { ...options, around }));
    }
    return findings;
  } finally {
    await truth.close();
  }
}

async function checkCut(
  truth: EventLog,
  cutPercent: number,
  options: LookAheadOptions & { readonly around: (source: TickSource) => TickSource },
): Promise<LookAheadFinding> {
  const plain = options.openSource();
  const { spanNs } = await plain.open();
  if (spanNs === undefined) throw new ReplayFailedError('the check needs a tape with an end');
  const span = spanNs.last - spanNs.first;
  const cutNs = spanNs.first + (span * BigInt(Math.round(cutPercent * 1e6))) / 100_000_000n;
  const shifted = shiftedSource(plain, cutNs, options.run.settings.measure);
  const stores = await options.openStores(`cut-${cutPercent}`);
  try {
    await runTape({ ...options.run, source: options.around(shifted), stores });
    const firstSeq = shifted.firstShifted();
    if (firstSeq === null) {
      throw new ReplayFailedError(`the tape must go on after the cut at ${cutPercent} %, ended`);
    }
    const comparison = await compareForecasts(truth, stores.log, firstSeq);
    return { cutPercent, cutNs, ...requireMeaning(comparison) };
  } finally {
    await stores.close();
  }
}

function requireMeaning(comparison: ForecastComparison): ForecastComparison {
  if (comparison.equalCount === 0) {
    throw new ReplayFailedError('the check compared nothing: no forecast was made before the cut');
  }
  if (comparison.laterDifferent === 0) {
    throw new ReplayFailedError(
      'the check showed nothing: no forecast after the cut differed although every price did',
    );
  }
  return comparison;
}
