import { givenSource } from '#services/ingest/sources/given-source.ts';
import type { SourceRow } from '#services/ingest/sources/source.ts';
import { replaySettings } from '#services/replay/config.ts';
import { entriesOf } from '#services/replay/merged-forecasts.ts';
import { runTape } from '#services/replay/run-tape.ts';
import { forecasterSettingsOf } from '#services/solo/forecaster-settings-of.ts';
import { trainingFor } from '#services/train/config.ts';
import type { Forecast } from '#shared/forecast/forecast.ts';
import { readSettings } from '#shared/runtime/environment.ts';
import { memoryLogger } from '#shared/runtime/memory-logger.ts';
import { memoryMetrics } from '#shared/runtime/memory-metrics.ts';
import { systemClock } from '#shared/runtime/system-clock.ts';
import { MIDNIGHT_NS } from './a-tick.ts';
import { memoryTape } from './memory-tape.ts';

const HOUR_NS = 3_600_000_000_000n;
const ROWS_PER_BATCH = 500;

export interface ReplayedRows {
  /** By symbol, in order. */
  readonly forecasts: ReadonlyMap<string, readonly Forecast[]>;
  readonly switchCount: number;
  /** Steps of the network that made no number. */
  readonly nonFiniteCount: number;
}

/**
 * Rows of a wide file through the whole pipeline in memory: door, log, fold, training. A missing cell is `null`.
 *
 * @param environment settings as `npm start` reads them
 */
export async function replayedRows(
  columns: readonly string[],
  rows: readonly (readonly (number | null)[])[],
  environment: Readonly<Record<string, string>>,
): Promise<ReplayedRows> {
  const config = readSettings(replaySettings, environment);
  const settings = forecasterSettingsOf(config);
  const metrics = memoryMetrics();
  const stores = memoryTape(1);
  const numbered = rows.map((values, k): SourceRow => {
    const time = MIDNIGHT_NS + BigInt(k) * HOUR_NS;
    const raw = { kind: 'row', symbol: 'fx', time, timeFormat: 'ns', values, columns } as const;
    return { seq: BigInt(k + 1), feedEpoch: 1, where: `row ${k}`, raw };
  });
  const batches = Array.from({ length: Math.ceil(rows.length / ROWS_PER_BATCH) }, (_, k) =>
    numbered.slice(k * ROWS_PER_BATCH, (k + 1) * ROWS_PER_BATCH),
  );
  try {
    await runTape({
      source: givenSource(batches, { begin: { groups: { fx: columns } } }),
      stores,
      ports: { clock: systemClock(), logger: memoryLogger(), metrics },
      settings,
      badRows: 'fail',
      warmUp: { ticks: config.ingest.warmUpTicks },
      predict: config.predict,
      train: trainingFor(settings, config.train),
    });
    const forecasts = new Map<string, Forecast[]>(columns.map((column) => [column, []]));
    for await (const entry of entriesOf(stores.log, 0)) {
      for (const one of entry.forecasts) forecasts.get(one.symbol)?.push(one);
    }
    const shas = [...forecasts.values()].flat().map(({ modelSha }) => modelSha);
    const switchCount = new Set(shas).size - 1;
    const nonFiniteCount = metrics.value('foretick_predict_non_finite_total');
    return { forecasts, switchCount, nonFiniteCount };
  } finally {
    await stores.close();
  }
}
