import { describe, expect, test } from 'vitest';
import { startIngest } from '#services/ingest/service.ts';
import { openMemoryLog } from '#shared/log/embedded/memory-log.ts';
import { prometheusMetrics } from '#shared/runtime/prometheus-metrics.ts';
import {
  aSourceRow,
  ingested,
  portsWith,
  REJECTING,
  rejectsOf,
  seqsOf,
} from '#test/builders/an-ingest.ts';

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
