import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { startIngest } from '#services/ingest/service.ts';
import { lastFeedPosition } from '#services/ingest/sources/feed-position.ts';
import { openMemoryLog } from '#shared/log/embedded/memory-log.ts';
import type { EventLog } from '#shared/log/event-log.ts';
import { encodeControl } from '#shared/market/tick-record.ts';
import { aWatchedLog } from '#test/builders/a-watched-log.ts';
import {
  aRaw,
  aSourceRow,
  inBatches,
  ingested,
  isTick,
  partitionsOf,
  portsWith,
  REJECTING,
  rejectsOf,
  rowsFrom,
  SYMBOLS,
  seqsOf,
} from '#test/builders/an-ingest.ts';

describe('ticks on the log', () => {
  test('every partition begins with the begin record, then has its rows in order, each once', async () => {
    const log = openMemoryLog({ partitionCount: 3 });
    const options = { ...REJECTING, begin: { warmUpUntilNs: '17' } };
    await ingested(log, inBatches(rowsFrom(5_000), 1_700), options);
    const all = await partitionsOf(log);
    expect(all.map(([first]) => first)).toEqual(
      Array(3).fill({ kind: 'begin', warmUpUntilNs: '17' }),
    );
    const seqs = await seqsOf(log);
    expect(seqs.every((list) => list.length > 100)).toBe(true);
    expect(seqs.flat().sort((a, b) => a - b)).toEqual(
      rowsFrom(5_000).map(({ seq }) => Number(seq)),
    );
    for (const list of seqs) expect(list).toEqual([...list].sort((a, b) => a - b));
  });

  test('a symbol is in one partition', async () => {
    const log = openMemoryLog({ partitionCount: 3 });
    await ingested(log, [rowsFrom(50)]);
    const homes = new Map<string, Set<number>>();
    for (const [partition, records] of (await partitionsOf(log)).entries()) {
      for (const { symbol } of records.filter(isTick)) {
        homes.set(symbol, (homes.get(symbol) ?? new Set()).add(partition));
      }
    }
    expect([...homes.keys()].sort()).toEqual(SYMBOLS);
    expect([...homes.values()].every((set) => set.size === 1)).toBe(true);
  });

  test('a log that began with other settings is refused, with both', async () => {
    const log = openMemoryLog({ partitionCount: 2 });
    await ingested(log, [], { ...REJECTING, begin: { warmUpTicks: 5 } });
    const again = startIngest(portsWith(log, []), { ...REJECTING, begin: { warmUpTicks: 6 } });
    await expect(again).rejects.toThrow(
      'partition 0 must begin with {"kind":"begin","warmUpTicks":6}, was {"kind":"begin","warmUpTicks":5}; use the old settings or a new folder',
    );
  });

  test('the source is not asked for more while an append is under way', async () => {
    const memory = openMemoryLog({ partitionCount: 1 });
    const held = Promise.withResolvers<void>();
    const arrived = Promise.withResolvers<void>();
    let appends = 0;
    const log = aWatchedLog(memory, async () => {
      appends += 1;
      if (appends !== 2) return;
      arrived.resolve();
      await held.promise;
    });
    const ports = portsWith(log, inBatches(rowsFrom(30), 10));
    const ingest = await startIngest(ports, REJECTING);
    await arrived.promise;
    // Whatever could have been pulled meanwhile has been, once the event loop went round a few times.
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(ports.source.pulledCount()).toBe(1);
    held.resolve();
    await ingest.done;
    expect(ports.source.pulledCount()).toBe(3);
    expect((await seqsOf(memory))[0]).toHaveLength(30);
  });

  test('stop ends with the batch under way; a later start goes on behind it', async () => {
    const memory = openMemoryLog({ partitionCount: 2 });
    const arrived = Promise.withResolvers<void>();
    const held = Promise.withResolvers<void>();
    let appends = 0;
    const log = aWatchedLog(memory, async () => {
      appends += 1;
      // The two before are the begin records.
      if (appends !== 3) return;
      arrived.resolve();
      await held.promise;
    });
    const ingest = await startIngest(portsWith(log, inBatches(rowsFrom(40), 10)), REJECTING);
    await arrived.promise;
    const stopped = ingest.stop();
    held.resolve();
    await stopped;
    await ingest.done;
    expect((await seqsOf(memory)).flat()).toHaveLength(10);
    await ingested(memory, inBatches(rowsFrom(40), 10));
    expect((await seqsOf(memory)).flat().sort((a, b) => a - b)).toEqual(
      rowsFrom(40).map(({ seq }) => Number(seq)),
    );
  });
});

describe('a restart', () => {
  /** Appends of the given numbers fail as a crash would: some partitions have their share of the batch, others do not. */
  function crashing(log: EventLog, survivors: number): EventLog {
    let left = survivors;
    return aWatchedLog(log, async () => {
      if (left === 0) throw new Error('the process was killed');
      left -= 1;
    });
  }

  test('wherever it was killed, each row and each reject is on the log once, in order', async () => {
    const rows = rowsFrom(400).map((row) =>
      row.seq % 13n === 0n ? { ...row, raw: aRaw(Number(row.seq), { price: 'NaN' }) } : row,
    );
    const killed = fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(killed, fc.integer({ min: 1, max: 150 }), async (kills, batchSize) => {
        const log = openMemoryLog({ partitionCount: 4 });
        for (const survivors of kills) {
          await ingested(crashing(log, survivors), inBatches(rows, batchSize)).catch(() => {});
        }
        await ingested(log, inBatches(rows, batchSize));
        const expected = rows.filter(({ seq }) => seq % 13n !== 0n).map(({ seq }) => Number(seq));
        const seqs = await seqsOf(log);
        expect(seqs.flat().sort((a, b) => a - b)).toEqual(expected);
        for (const list of seqs) expect(list).toEqual([...list].sort((a, b) => a - b));
        const refused = (await rejectsOf(log)).map(({ seq }) => Number(seq));
        expect(refused).toEqual(Array.from({ length: 30 }, (_, k) => 13 * (k + 1)));
        for (const records of await partitionsOf(log)) {
          expect(records.filter((record) => record.kind === 'begin')).toHaveLength(1);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('a source that was lengthened goes on, one that was changed before its end is refused', async () => {
    const log = openMemoryLog({ partitionCount: 3 });
    await ingested(log, [rowsFrom(40)]);
    await ingested(log, [rowsFrom(60)]);
    const before = await seqsOf(log);
    const inserted = [aSourceRow(99), ...rowsFrom(80)].map((row, k) => {
      return { ...row, seq: BigInt(k + 1) };
    });
    await expect(ingested(log, [inserted])).rejects.toMatchObject({
      code: 'INGEST_SOURCE_CHANGED',
    });
    expect(await seqsOf(log)).toEqual(before);
  });

  test('controls behind the last tick do not hide it', async () => {
    const log = openMemoryLog({ partitionCount: 1 });
    await ingested(log, [rowsFrom(3)]);
    const control = encodeControl({ kind: 'refuse', id: 1, reason: 'no better' });
    await log.append('ticks', 0, Array(700).fill(control));
    await ingested(log, [rowsFrom(5)]);
    expect(await seqsOf(log)).toEqual([[1, 2, 3, 4, 5]]);
  });

  test('a new epoch of the feed goes on from seq 1', async () => {
    const log = openMemoryLog({ partitionCount: 1 });
    await ingested(log, [rowsFrom(3)]);
    await ingested(log, [rowsFrom(2).map((row) => ({ ...row, feedEpoch: 2 }))]);
    expect(await seqsOf(log)).toEqual([[1, 2, 3, 1, 2]]);
  });

  test('the last position of a feed is over all partitions, with the last price of each symbol', async () => {
    const log = openMemoryLog({ partitionCount: 3 });
    expect(await lastFeedPosition(log)).toBe(null);
    const rows = [
      aSourceRow(1, { symbol: 'A', price: 7 }),
      aSourceRow(2, { symbol: 'B', price: 8 }),
      aSourceRow(3, { symbol: 'A', price: 9, bid: 8, ask: 9 }),
    ];
    await ingested(log, [rows.map((row) => ({ ...row, feedEpoch: 4 }))]);
    expect(await lastFeedPosition(log)).toEqual({
      feedEpoch: 4,
      lastSeq: 3n,
      lastEventTimeNs: 3n,
      lastPrices: new Map([
        ['A', 8.5],
        ['B', 8],
      ]),
    });
  });
});
