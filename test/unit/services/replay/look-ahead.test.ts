import { expect, test } from 'vitest';
import { fileSource } from '#services/ingest/sources/file-source.ts';
import type { SourceRow, TickSource } from '#services/ingest/sources/source.ts';
import { replaySettings } from '#services/replay/config.ts';
import { checkLookAhead, type LookAheadOptions } from '#services/replay/look-ahead.ts';
import { readSettings } from '#shared/runtime/environment.ts';
import { memoryLogger } from '#shared/runtime/memory-logger.ts';
import { memoryMetrics } from '#shared/runtime/memory-metrics.ts';
import { systemClock } from '#shared/runtime/system-clock.ts';
import { aFolder } from '#test/builders/a-folder.ts';
import { memoryTape } from '#test/builders/memory-tape.ts';
import { tickFile } from '#test/builders/tick-file.ts';

async function options(over: Partial<LookAheadOptions> = {}): Promise<LookAheadOptions> {
  const input = await aFolder({ 'ticks.csv': tickFile() });
  const config = readSettings(replaySettings, {
    FORETICK_TRAIN_EVERY_TICKS: '200',
    FORETICK_TRAIN_UPDATES: '1',
    FORETICK_TRAIN_WARM_UP_UPDATES: '2',
    FORETICK_TRAIN_WINDOWS: '2',
    FORETICK_TRAIN_STEPS: '8',
    FORETICK_TRAIN_GATE_RATIO: '100',
  });
  return {
    openSource: () => fileSource({ input, layout: 'ticks', symbolFrom: 'column' }),
    openStores: async () => memoryTape(),
    run: {
      ports: { clock: systemClock(), logger: memoryLogger(), metrics: memoryMetrics() },
      settings: {
        ...{ measure: 'price', events: 'trades', horizons: [1, 10], levels: [0.25, 0.5, 0.75] },
        ...{ kernel: 'wasm', cell: 'lstm', layers: 1, hiddenSize: 4, headSize: 8, seed: 1 },
      },
      badRows: 'fail',
      warmUp: { ticks: 50 },
      predict: config.predict,
      train: config.train,
    },
    cuts: [60],
    ...over,
  };
}

/** A tape on which a trade's size already tells the price of the next tick of the batch. */
function leaky(source: TickSource): TickSource {
  const leak = (row: SourceRow, next: SourceRow | undefined): SourceRow => {
    if (row.raw.kind !== 'trade' || next === undefined || next.raw.kind !== 'quote') return row;
    return { ...row, raw: { ...row.raw, size: next.raw.bid } };
  };
  return {
    open: () => source.open(),
    rows: async function* () {
      for await (const rows of source.rows()) yield rows.map((row, k) => leak(row, rows[k + 1]));
    },
    close: () => source.close(),
  };
}

test('no forecast before a cut changes by a bit when all prices after it do, trainings included', async () => {
  const [first, second] = await checkLookAhead(await options({ cuts: [40, 60] }));
  expect(first.equalCount).toBeGreaterThan(150);
  expect(second.equalCount).toBeGreaterThan(first.equalCount);
  expect(second.switchesBefore).toBeGreaterThan(0);
  expect(second.laterDifferent).toBeGreaterThan(0.9 * second.laterCount);
  expect(second.equalCount + second.laterCount).toBe(600);
});

test('a tape that leaks the next price into a tick is caught, with the forecast that changed', async () => {
  // Trades are followed by quotes after a while: the cut falls between the two, and the trade knows what comes after it.
  const check = checkLookAhead(await options({ around: leaky, cuts: [50] }));
  await expect(check).rejects.toMatchObject({ code: 'REPLAY_LOOK_AHEAD' });
  await expect(check).rejects.toThrow('must not depend on its future');
});

test('a cut at the end compares nothing and says so', async () => {
  await expect(checkLookAhead(await options({ cuts: [100] }))).rejects.toMatchObject({
    code: 'REPLAY_FAILED',
  });
});
