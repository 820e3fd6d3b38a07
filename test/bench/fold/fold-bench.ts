import { createHash } from 'node:crypto';
import { soloSettings } from '#services/solo/config.ts';
import { forecasterSettingsOf } from '#services/solo/forecaster-settings-of.ts';
import { FEATURE_VERSION, INPUT_SIZE } from '#shared/features/feature-vector.ts';
import type { TickLogRecord } from '#shared/forecast/fold-output.ts';
import { packsOf } from '#shared/forecast/forecast-packs.ts';
import { Forecaster } from '#shared/forecast/forecaster.ts';
import { decodeModel, initialModel } from '#shared/forecast/model-artefact.ts';
import { encodeScore } from '#shared/forecast/score-record.ts';
import { QuantileNetwork } from '#shared/nn/quantile-network.ts';
import { readSettings } from '#shared/runtime/environment.ts';
import type { RecordedTape } from '../recorded-tape.ts';
import { timeByPart } from '../time-by-part.ts';
import { FOLD_PARTS } from './fold-parts.ts';

/** Records between two publications and checkpoints, as a batch of the log has at most. */
const BATCH_RECORDS = 1000;
const QUOTE = 2;

export interface FoldResult {
  readonly what: string;
  readonly tickCount: number;
  readonly forecastCount: number;
  /** Of the fastest pass; time of the processor, so that a shared machine disturbs it less. */
  readonly nsPerTick: number;
  /** Share of the time of a part. */
  readonly shares: ReadonlyMap<string, number>;
}

/** The fold of recorded ticks in memory, records in and records out: as they come, and trades alone, each of which is forecast. */
export async function runFold(tape: RecordedTape, passes: number): Promise<readonly FoldResult[]> {
  const trades = tape.ticks.filter((record) => record[1] !== QUOTE);
  const tapes = [
    { what: 'all ticks', batches: batchesOf([tape.begin, ...tape.ticks]) },
    { what: 'trades alone', batches: batchesOf([tape.begin, ...trades]) },
  ];
  const results = [];
  for (const { what, batches } of tapes) results.push(await foldResult(what, batches, passes));
  return results;
}

async function foldResult(
  what: string,
  batches: readonly TickLogRecord[][],
  passes: number,
): Promise<FoldResult> {
  let fastest = Number.POSITIVE_INFINITY;
  let counts = foldOnce(batches);
  for (let pass = 0; pass < passes; pass += 1) {
    const from = processorMicros();
    counts = foldOnce(batches);
    fastest = Math.min(fastest, processorMicros() - from);
  }
  const sums = await timeByPart(FOLD_PARTS, () => {
    for (let pass = 0; pass < passes; pass += 1) foldOnce(batches);
  });
  const whole = [...sums.values()].reduce((sum, ns) => sum + ns, 0);
  const shares = new Map([...sums].map(([name, ns]) => [name, ns / whole]));
  return { what, ...counts, nsPerTick: (fastest * 1e3) / counts.tickCount, shares };
}

function processorMicros(): number {
  const { user, system } = process.threadCpuUsage();
  return user + system;
}

function foldOnce(batches: readonly TickLogRecord[][]) {
  const forecaster = newForecaster();
  let tickCount = 0;
  let forecastCount = 0;
  for (const batch of batches) {
    const out = forecaster.fold(batch);
    packsOf(out.entries, SETTINGS.levels);
    out.scores.forEach(encodeScore);
    forecaster.drainChanged();
    forecaster.partitionState();
    tickCount += out.tickCount;
    forecastCount += out.entries.length;
  }
  return { tickCount, forecastCount };
}

const SETTINGS = forecasterSettingsOf(readSettings(soloSettings, {}));
const GENESIS = initialModel(SETTINGS, INPUT_SIZE, FEATURE_VERSION);
const SHA = createHash('sha256').update(GENESIS).digest('hex');

function newForecaster(): Forecaster {
  const { shape, weights } = decodeModel(GENESIS);
  const network = new QuantileNetwork(shape, weights, SETTINGS.kernel);
  return new Forecaster(0, SETTINGS, { sha: SHA, network });
}

/** As the log hands them out: many records in one buffer. */
function batchesOf(values: readonly Uint8Array[]): TickLogRecord[][] {
  const batches: TickLogRecord[][] = [];
  for (let k = 0; k < values.length; k += BATCH_RECORDS) {
    const batch = values.slice(k, k + BATCH_RECORDS);
    const bytes = Buffer.concat(batch);
    let at = 0;
    batches.push(
      batch.map(({ length }, j) => {
        at += length;
        return { offset: BigInt(k + j), value: bytes.subarray(at - length, at) };
      }),
    );
  }
  return batches;
}

/** Lines of markdown: nanoseconds per tick by part, tapes side by side. */
export function foldLines(results: readonly FoldResult[]): string[] {
  const cell = (ns: number, share: number) => `${ns.toFixed(0)} | ${(100 * share).toFixed(0)} %`;
  const heads = results.map(({ what }) => `${what}: ns per tick | share`);
  const parts = [...results[0].shares.keys()].map((part) => {
    const cells = results.map(({ nsPerTick, shares }) => {
      const share = shares.get(part) ?? 0;
      return cell(nsPerTick * share, share);
    });
    return `| ${[part, ...cells].join(' | ')} |`;
  });
  const wholes = results.map(({ nsPerTick }) => cell(nsPerTick, 1));
  return [
    `| | ${heads.join(' | ')} |`,
    `|---${'|---|---'.repeat(results.length)}|`,
    ...parts,
    `| **whole** | ${wholes.join(' | ')} |`,
    '',
    ...results.map(rateLine),
  ];
}

function rateLine({ what, tickCount, forecastCount, nsPerTick }: FoldResult): string {
  const perSecond = (count: number) =>
    Math.round((count / (tickCount * nsPerTick)) * 1e9).toLocaleString('en');
  const counts = `${tickCount.toLocaleString('en')} ticks, ${forecastCount.toLocaleString('en')} forecasts`;
  return `- ${what}: ${counts}; ${perSecond(tickCount)} ticks/s, ${perSecond(forecastCount)} forecasts/s on one core`;
}
