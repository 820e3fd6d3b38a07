import { expect, test } from 'vitest';
import type { SourceRow, TickSource } from '#services/ingest/sources/source.ts';
import { shiftedSource } from '#services/replay/shifted-source.ts';
import type { Measure } from '#shared/market/measure.ts';
import type { RawTick } from '#shared/market/raw-tick.ts';

function sourceOf(raws: readonly RawTick[]): TickSource {
  return {
    open: async () => ({ feed: 'test', begin: {} }),
    rows: async function* () {
      yield raws.map((raw, k): SourceRow => ({ seq: BigInt(k + 1), feedEpoch: 1, where: '', raw }));
    },
    close: async () => {},
  };
}

async function shifted(raws: readonly RawTick[], cutNs: bigint, measure: Measure = 'price') {
  const source = shiftedSource(sourceOf(raws), cutNs, measure);
  const rows: RawTick[] = [];
  for await (const batch of source.rows()) rows.push(...batch.map(({ raw }) => raw));
  return { rows, first: source.firstShifted() };
}

const trade = (time: unknown, price: unknown): RawTick => ({
  ...{ kind: 'trade', symbol: 'a', timeFormat: 'ns' },
  ...{ time, price, bid: '', ask: undefined },
});

test('what is up to the cut stays, what is after it is higher by a thousandth', async () => {
  const { rows, first } = await shifted([trade(5n, '100'), trade(6n, '200')], 5n);
  expect(rows[0]).toEqual(trade(5n, '100'));
  expect(rows[1]).toMatchObject({ price: 200 * 1.001, bid: '', ask: undefined });
  expect(first).toBe(2n);
});

test('a late row that arrives after the cut belongs to the future', async () => {
  const { rows } = await shifted([trade(9n, '1'), trade(1n, '2')], 5n);
  expect(rows[1]).toMatchObject({ price: 2 * 1.001 });
});

test('values rise by one, missing cells stay missing', async () => {
  const row: RawTick = {
    ...{ kind: 'row', symbol: 'g', time: 9n, timeFormat: 'ns' },
    ...{ values: ['-1.5', '', null], columns: ['x', 'y', 'z'] },
  };
  expect((await shifted([row], 5n, 'value')).rows[0]).toMatchObject({ values: [-0.5, '', null] });
});

test('a row that is no tick stays what it is', async () => {
  const bad = trade(9n, 'n/a');
  const unreadable: RawTick = { kind: 'unreadable', reason: 'COLUMN_COUNT', message: '', found: 1 };
  expect((await shifted([bad, unreadable], 5n)).rows).toEqual([bad, unreadable]);
});
