import { expect } from 'vitest';
import type { PredictConfig } from '#services/predict/config.ts';
import type { PredictPorts, RunningPredict } from '#services/predict/service.ts';
import { aFold } from './a-fold.ts';
import type { PredictRun } from './a-predict.ts';
import { aTape } from './a-tape.ts';
import { deduplicated } from './deduplicated.ts';

/** Saves after 1,000 records or a second, with a snapshot every ten minutes. */
export const SELDOM = { checkpointRecords: 1000, checkpointMs: 1000, snapshotMinutes: 10 };

/** One symbol is silent after the first 20 ticks: its state changes no more, and must not be forgotten. */
const tape = [
  ...aTape({ symbols: ['venue:silent'], tickCount: 20 }),
  ...aTape({ symbols: ['venue:a', 'venue:b'], tickCount: 280 }),
];

export function ticksOf(from: number, to: number): typeof tape {
  return tape.slice(from, to);
}

export function started(
  run: PredictRun,
  config: Partial<PredictConfig> = SELDOM,
  over: Partial<PredictPorts> = {},
): Promise<RunningPredict> {
  return run.start({ random: () => 0.5, ...over }, config);
}

/** The position that is saved. */
export function savedNext(run: PredictRun): bigint | null {
  return run.kept.get(0)?.claim.next ?? null;
}

/** Forecasts as a reader sees them, and state, are those of a fold that nothing disturbed. */
export async function expectUndisturbed(run: PredictRun): Promise<void> {
  const fold = aFold().fold(await run.records('ticks'));
  const entries = deduplicated(await run.entries(0));
  expect(fold.forecastBytes(entries)).toEqual(fold.forecastBytes());
  const stored = new Map<string, Uint8Array>();
  for await (const page of run.commit.load(0)) {
    for (const { symbol, bytes } of page) stored.set(symbol, bytes);
  }
  expect(stored).toEqual(fold.stored);
}
