import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Pacing, startIngest } from '#services/ingest/service.ts';
import { lastFeedPosition } from '#services/ingest/sources/feed-position.ts';
import { openMemoryLog } from '#shared/log/embedded/memory-log.ts';
import type { EventLog } from '#shared/log/event-log.ts';
import { encodeControl } from '#shared/market/tick-record.ts';
import { prometheusMetrics } from '#shared/runtime/prometheus-metrics.ts';
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

describe('rows that are no ticks', () => {
  const spoilt = [
    aSourceRow(1, { symbol: 'A' }),
    aSourceRow(2, { symbol: 'A', price: 'NaN' }),
    aSourceRow(3, { symbol: 'A', price: -1 }),
    aSourceRow(4, { symbol: 'A', time: 0n }),
    aSourceRow(1, { symbol: 'A' }),
    aSourceRow(5, { symbol: 'A', time: 1n }),
    aSourceRow(6, { symbol: 'A', price: 'x'.repeat(5_000) }),
  ];

  test('each is on rejects with reason, place and what was found, and counted by reason', async () => {
    const log = openMemoryLog({ partitionCount: 2 });
    const metrics = prometheusMetrics();
    const ports = { ...portsWith(log, [spoilt]), metrics };
    await (await startIngest(ports, REJECTING)).done;
    expect((await seqsOf(log)).flat()).toEqual([1, 5]);
    const rejects = await rejectsOf(log);
    expect(rejects.map(({ where, reason, message }) => `${where} ${reason}: ${message}`)).toEqual([
      'tape:2 PRICE_NOT_FINITE: price must be finite, was "NaN"',
      'tape:3 PRICE_NOT_POSITIVE: price must be above zero, was -1',
      'tape:4 LATE: event time of A must not be below 1 ns, was 0',
      'tape:1 DUPLICATE: a row must have a number after 1/4, was "1/1"',
      expect.stringMatching(/^tape:6 PRICE_NOT_A_NUMBER: .+\(5000 characters\)$/),
    ]);
    expect(rejects[0]).toMatchObject({ feedEpoch: 1, seq: '2' });
    expect(rejects[0]['raw']).toContain('"price":"NaN"');
    expect(String(rejects[4]['raw'])).toHaveLength(1_024);
    const text = await metrics.text();
    expect(text).toContain('foretick_ingest_ticks_total 2');
    expect(text).toContain('foretick_ingest_rejects_total{reason="LATE"} 1');
    expect(text).toContain('foretick_ingest_rejects_total{reason="DUPLICATE"} 1');
  });

  test('where bad rows are to fail, the first one ends the service and nothing of its batch is kept', async () => {
    const log = openMemoryLog({ partitionCount: 1 });
    const batches = [[aSourceRow(1)], [aSourceRow(2), aSourceRow(3, { price: 0 })]];
    const done = ingested(log, batches, { badRows: 'fail', measure: 'price' });
    await expect(done).rejects.toMatchObject({
      code: 'ROW_INVALID',
      message: 'tape:3: price must be above zero, was 0 (PRICE_NOT_POSITIVE)',
    });
    expect(await seqsOf(log)).toEqual([[1]]);
  });

  test('late and duplicate rows are counted even where bad rows are to fail', async () => {
    const log = openMemoryLog({ partitionCount: 1 });
    const rows = [
      aSourceRow(7, { symbol: 'A' }),
      aSourceRow(7),
      aSourceRow(8, { symbol: 'A', time: 0n }),
    ];
    await ingested(log, [rows], { badRows: 'fail', measure: 'price' });
    expect((await rejectsOf(log)).map(({ reason }) => reason)).toEqual(['DUPLICATE', 'LATE']);
  });

  test('an event time far ahead of the clock is refused by name, and its symbol goes on', async () => {
    const log = openMemoryLog({ partitionCount: 1 });
    const limits = { maxAheadMs: 60_000, maxSymbols: 10 };
    const [second, minute] = [1_000_000_000n, 60_000_000_000n];
    const rows = [
      aSourceRow(1, { symbol: 'A', time: second }),
      // The clock of the test stands at 0.
      aSourceRow(2, { symbol: 'A', time: minute + 1n }),
      aSourceRow(3, { symbol: 'A', time: minute }),
      aSourceRow(4, { symbol: 'B', time: 365n * 1_440n * minute }),
      aSourceRow(5, { symbol: 'B', time: second }),
    ];
    await ingested(log, [rows], { ...REJECTING, limits });
    expect(await seqsOf(log)).toEqual([[1, 3, 5]]);
    const rejects = await rejectsOf(log);
    expect(rejects.map(({ reason }) => reason)).toEqual(['AHEAD', 'AHEAD']);
    expect(rejects[0]['message']).toContain('FORETICK_MAX_AHEAD_MINUTES');
  });

  test('symbols beyond as many as are allowed are refused by name and counted, those before go on', async () => {
    const log = openMemoryLog({ partitionCount: 1 });
    const rows = ['A', 'B', 'C', 'A', 'D', 'B'].map((symbol, k) =>
      aSourceRow(k + 1, { symbol, time: BigInt(k) }),
    );
    const limits = { maxAheadMs: 1, maxSymbols: 2 };
    const ports = portsWith(log, [rows]);
    await (await startIngest(ports, { ...REJECTING, limits })).done;
    expect(await seqsOf(log)).toEqual([[1, 2, 4, 6]]);
    expect((await rejectsOf(log)).map(({ reason }) => reason)).toEqual([
      'TOO_MANY_SYMBOLS',
      'TOO_MANY_SYMBOLS',
    ]);
    expect(ports.metrics.value('foretick_ingest_symbols')).toBe(2);
    // Started again, it says the same of the same rows.
    await ingested(log, [rows], { ...REJECTING, limits });
    expect(await seqsOf(log)).toEqual([[1, 2, 4, 6]]);
  });

  test('what is played again has neither limit', async () => {
    const log = openMemoryLog({ partitionCount: 1 });
    const far = 100n * 365n * 86_400n * 1_000_000_000n;
    await ingested(log, [[aSourceRow(1, { time: far })]], REJECTING);
    expect(await seqsOf(log)).toEqual([[1]]);
  });

  test('one time twice is no fault, and a late tick of one symbol says nothing of another', async () => {
    const log = openMemoryLog({ partitionCount: 1 });
    const rows = [
      aSourceRow(1, { symbol: 'A', time: 9n }),
      aSourceRow(2, { symbol: 'A', time: 9n }),
      aSourceRow(3, { symbol: 'B', time: 2n }),
    ];
    await ingested(log, [rows]);
    expect(await seqsOf(log)).toEqual([[1, 2, 3]]);
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

describe('pacing wait', () => {
  /** The trainer's part, once per id: a control in every partition. */
  function boundaries(log: EventLog, ids: number[], done = new Set<number>()): Pacing {
    return {
      everyTicks: 25,
      boundary: async (id) => {
        ids.push(id);
        if (done.has(id)) return;
        done.add(id);
        const control = encodeControl({ kind: 'refuse', id, reason: 'no better' });
        for (let p = 0; p < log.partitionCount; p++) await log.append('ticks', p, [control]);
      },
    };
  }

  /** Each partition as the boundary that each of its records belongs to: a tick to the one that comes next. */
  async function expectExact(log: EventLog): Promise<void> {
    for (const records of await partitionsOf(log)) {
      const later = records.filter((record) => isTick(record) || record.kind === 'refuse');
      const ids = later.map((record) =>
        isTick(record) ? Math.floor(Number(record.seq - 1n) / 25) + 0.5 : record.id,
      );
      expect(ids).toEqual([...ids].sort((a, b) => a - b));
      expect(ids.filter(Number.isInteger)).toEqual([1, 2, 3, 4]);
    }
  }

  test.each([1, 7, 25, 40, 1_000])(
    'batches of %i rows meet every boundary exactly',
    async (size) => {
      const log = openMemoryLog({ partitionCount: 3 });
      const ids: number[] = [];
      const ports = portsWith(log, inBatches(rowsFrom(110), size), boundaries(log, ids));
      await (await startIngest(ports, REJECTING)).done;
      expect(ids).toEqual([1, 2, 3, 4]);
      await expectExact(log);
    },
  );

  test('bad rows count, and after a crash every boundary is awaited again', async () => {
    const log = openMemoryLog({ partitionCount: 3 });
    const rows = rowsFrom(110).map((row) => (row.seq === 25n ? aSourceRow(25, { price: 0 }) : row));
    const done = new Set<number>();
    let left = 17;
    const brittle = aWatchedLog(log, async () => {
      left -= 1;
      if (left < 0) throw new Error('the process was killed');
    });
    const first = portsWith(brittle, inBatches(rows, 40), boundaries(log, [], done));
    await expect((await startIngest(first, REJECTING)).done).rejects.toThrow('killed');
    const ids: number[] = [];
    const second = portsWith(log, inBatches(rows, 40), boundaries(log, ids, done));
    await (await startIngest(second, REJECTING)).done;
    expect(ids).toEqual([1, 2, 3, 4]);
    await expectExact(log);
  });

  test('stop does not wait for a trainer that never answers', async () => {
    const log = openMemoryLog({ partitionCount: 1 });
    const asked = Promise.withResolvers<void>();
    const boundary = (): Promise<void> => {
      asked.resolve();
      return new Promise(() => {});
    };
    const ports = portsWith(log, [rowsFrom(110)], { everyTicks: 25, boundary });
    const ingest = await startIngest(ports, REJECTING);
    await asked.promise;
    await ingest.stop();
    await ingest.done;
    expect((await seqsOf(log))[0]).toHaveLength(25);
  });
});
