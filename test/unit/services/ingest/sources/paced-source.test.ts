import { expect, test } from 'vitest';
import { givenSource } from '#services/ingest/sources/given-source.ts';
import { pacedSource } from '#services/ingest/sources/paced-source.ts';
import { virtualClock } from '#shared/runtime/virtual-clock.ts';
import { inBatches, rowsFrom } from '#test/builders/an-ingest.ts';

/** A source of 100 rows at ten a second, and how far its rows have come. */
function pacing({ after = null }: { after?: { feedEpoch: number; seq: bigint } | null } = {}) {
  const clock = virtualClock(1_000);
  const plain = givenSource(inBatches(rowsFrom(100), 40));
  const source = pacedSource(plain, { clock, rowsPerSecond: 10, after });
  const seen: bigint[] = [];
  const ended = (async () => {
    await source.open();
    for await (const rows of source.rows()) seen.push(...rows.map(({ seq }) => seq));
  })();
  return { clock, source, seen, ended };
}

test('rows come at their pace, all of them in their order', async () => {
  const { clock, seen, ended } = pacing();
  await clock.advance(950);
  expect(seen).toHaveLength(10);
  await clock.advance(4_000);
  expect(seen).toHaveLength(50);
  await clock.advance(10_000);
  await ended;
  expect(seen).toEqual(rowsFrom(100).map(({ seq }) => seq));
});

test('rows that the log has pass at once, and the pace begins behind them', async () => {
  const { clock, seen } = pacing({ after: { feedEpoch: 1, seq: 60n } });
  await clock.advance(0);
  expect(seen).toHaveLength(61);
  await clock.advance(1_000);
  expect(seen.length).toBeLessThanOrEqual(71);
});

test('a source that is closed while it waits for its pace ends', async () => {
  const { clock, source, seen, ended } = pacing();
  await clock.advance(500);
  await source.close();
  await ended;
  expect(seen.length).toBeLessThan(10);
});
