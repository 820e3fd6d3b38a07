import type { Forecast, ForecastEntry } from '#shared/forecast/forecast.ts';
import type { EventLog } from '#shared/log/event-log.ts';
import { decodeTickRecord, isControlRecord } from '#shared/market/tick-record.ts';
import { forecastBytes } from './forecast-digest.ts';
import { entriesOf } from './merged-forecasts.ts';
import { LookAheadError } from './replay-error.ts';

export interface ForecastComparison {
  /** Forecasts issued before the first changed row; all were equal, bit for bit. */
  readonly equalCount: number;
  /** Switches of weights that were taken before it: training was part of what was compared. */
  readonly switchesBefore: number;
  /** Forecasts after it, and how many of them differed. */
  readonly laterCount: number;
  readonly laterDifferent: number;
}

type Pair = readonly [ForecastEntry | undefined, ForecastEntry | undefined];

/**
 * Compares the forecasts of two logs whose ticks are the same below row `firstSeq`.
 *
 * @throws LookAheadError `REPLAY_LOOK_AHEAD` with the first one from before that differs
 */
export async function compareForecasts(
  truth: EventLog,
  other: EventLog,
  firstSeq: bigint,
): Promise<ForecastComparison> {
  const sum = { equalCount: 0, switchesBefore: 0, laterCount: 0, laterDifferent: 0 };
  for (let partition = 0; partition < truth.partitionCount; partition++) {
    const past = await pastOf(truth, partition, firstSeq);
    // A switch stands in every partition: the one that sees most of them has seen them all.
    sum.switchesBefore = Math.max(sum.switchesBefore, past.switchCount);
    for await (const pair of pairsOf(truth, other, partition)) {
      addPair(sum, pair, { partition, past });
    }
  }
  return sum;
}

function addPair(
  sum: { -readonly [K in keyof ForecastComparison]: number },
  pair: Pair,
  { partition, past }: { readonly partition: number; readonly past: Past },
): void {
  const isEqual = sameEntries(pair);
  const count = pair[0]?.forecasts.length ?? 0;
  if (pair.some((entry) => entry !== undefined && entry.src < past.end)) {
    if (!isEqual) throw difference(partition, pair);
    sum.equalCount += count;
  } else {
    sum.laterCount += count;
    if (!isEqual) sum.laterDifferent += count;
  }
}

interface Past {
  /** Offset of the first tick that was changed. */
  readonly end: bigint;
  readonly switchCount: number;
}

async function pastOf(log: EventLog, partition: number, firstSeq: bigint): Promise<Past> {
  const { start, end } = await log.bounds('ticks', partition);
  let switchCount = 0;
  for await (const records of log.read('ticks', partition, start, end)) {
    const changed = records.find(({ value }) => isTickFrom(value, firstSeq));
    const past = records.filter(({ offset }) => offset < (changed?.offset ?? end));
    switchCount += past.filter(({ value }) => isSwitch(value)).length;
    if (changed !== undefined) return { end: changed.offset, switchCount };
  }
  // Without a changed tick it does not show which of its switches came before.
  return { end, switchCount: 0 };
}

function isTickFrom(value: Uint8Array, firstSeq: bigint): boolean {
  const record = decodeTickRecord(value);
  return 'seq' in record && record.seq >= firstSeq;
}

function isSwitch(value: Uint8Array): boolean {
  return isControlRecord(value) && decodeTickRecord(value).kind === 'switch';
}

/** Entries of both logs side by side, first with first; undefined where one log has ended. */
async function* pairsOf(a: EventLog, b: EventLog, partition: number): AsyncGenerator<Pair> {
  const [left, right] = [entriesOf(a, partition), entriesOf(b, partition)];
  for (;;) {
    const [one, two] = [await left.next(), await right.next()];
    if (one.done && two.done) return;
    yield [one.done ? undefined : one.value, two.done ? undefined : two.value];
  }
}

function sameEntries([one, two]: Pair): boolean {
  if (one === undefined || two === undefined || one.src !== two.src) return false;
  return (
    one.forecasts.length === two.forecasts.length &&
    one.forecasts.every((forecast, k) => sameForecasts(forecast, two.forecasts[k]))
  );
}

function sameForecasts(one: Forecast, two: Forecast): boolean {
  return Buffer.compare(forecastBytes(one), forecastBytes(two)) === 0;
}

function difference(partition: number, [one, two]: Pair): LookAheadError {
  const [left, right] = [one?.forecasts ?? [], two?.forecasts ?? []];
  const pairs = left.map((forecast, k) => [forecast, right[k]] as const);
  const differing = pairs.find(([a, b]) => b === undefined || !sameForecasts(a, b));
  const [asItIs, withAnotherFuture] = differing ?? [left[0], right[0]];
  const first = asItIs ?? withAnotherFuture;
  return new LookAheadError(
    `the forecast of ${first?.symbol} at origin ${first?.origin} (event time ${first?.eventTimeNs}) must not depend on its future, was changed by it`,
    {
      partition,
      src: `${one?.src ?? two?.src}`,
      asItIs: textOf(asItIs),
      withAnotherFuture: textOf(withAnotherFuture),
    },
  );
}

function textOf(forecast: Forecast | undefined): string {
  return JSON.stringify(forecast ?? null, (_, value: unknown) => {
    if (typeof value === 'bigint') return `${value}`;
    return value instanceof Float32Array ? [...value] : value;
  });
}
