import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { Door } from '#services/ingest/door.ts';
import {
  type SimulatedSource,
  type SimulatedSourceOptions,
  simulatedSource,
} from '#services/ingest/sources/simulated-source.ts';
import type { SourceRow } from '#services/ingest/sources/source.ts';
import type { RawQuote, RawTrade } from '#shared/market/raw-tick.ts';
import { type VirtualClock, virtualClock } from '#shared/runtime/virtual-clock.ts';

const START_MS = 1_723_075_200_000;
const START_NS = BigInt(START_MS) * 1_000_000n;

function aMarket(changes: Partial<SimulatedSourceOptions> = {}): SimulatedSource {
  return simulatedSource({
    clock: virtualClock(START_MS),
    symbolCount: 6,
    seed: 1,
    historyTicks: 5_000,
    tradesPerSecond: 6,
    hasRegimes: true,
    hasGaps: false,
    badTickShare: 0,
    ...changes,
  });
}

async function firstRows(source: SimulatedSource, count: number): Promise<SourceRow[]> {
  await source.open();
  const rows: SourceRow[] = [];
  for await (const batch of source.rows()) {
    rows.push(...batch);
    if (rows.length >= count) break;
  }
  return rows.slice(0, count);
}

/** What a source delivers while the clock goes on, until it is closed. */
async function rowsWhile(
  source: SimulatedSource,
  clock: VirtualClock,
  seconds: number,
  onRow: (row: SourceRow) => void = () => {},
): Promise<SourceRow[]> {
  await source.open();
  const rows: SourceRow[] = [];
  const reading = (async () => {
    for await (const batch of source.rows()) {
      rows.push(...batch);
      batch.forEach(onRow);
    }
  })();
  await clock.advance(seconds * 1_000);
  await source.close();
  await reading;
  return rows;
}

const tickOf = (row: SourceRow): RawTrade | RawQuote => row.raw as RawTrade | RawQuote;
const timeOf = (row: SourceRow): bigint => tickOf(row).time as bigint;

function digestOf(rows: readonly SourceRow[]): string {
  const hash = createHash('sha256');
  for (const { raw } of rows) {
    const text = JSON.stringify(raw, (_, value: unknown) =>
      typeof value === 'bigint' ? `${value}` : value,
    );
    hash.update(`${text}\n`);
  }
  return hash.digest('hex');
}

describe('the tape', () => {
  test('a seed makes one tape, on every machine', async () => {
    const digest = digestOf(await firstRows(aMarket(), 5_000));
    expect(digest).toBe('99c70755c2e662837f14038c1c8e71475f11340b165980106b3eededaba5e945');
    expect(digestOf(await firstRows(aMarket(), 5_000))).toBe(digest);
    expect(digestOf(await firstRows(aMarket({ seed: 2 }), 5_000))).not.toBe(digest);
  });

  test('the history has as many ticks as were asked for, in order, and ends when the source starts', async () => {
    const rows = await firstRows(aMarket({ historyTicks: 3_333 }), 3_333);
    expect(rows.map(({ seq }) => seq)).toEqual(rows.map((_, at) => BigInt(at + 1)));
    const times = rows.map(timeOf);
    expect(times.every((time, at) => at === 0 || time >= times[at - 1])).toBe(true);
    expect(times[times.length - 1]).toBe(START_NS);
  });

  test('every row passes the door', async () => {
    const placed = [null];
    const door = new Door({
      measure: 'price',
      badRows: 'fail',
      placed,
      placedReject: null,
      limits: null,
    });
    const rows = await firstRows(aMarket({ hasGaps: true, symbolCount: 24 }), 5_000);
    expect(rows.every((row) => door.judge(row).kind === 'tick')).toBe(true);
  });

  test('prices are whole steps of the size that the begin record tells', async () => {
    const source = aMarket();
    const { begin } = await source.open();
    for (const row of await firstRows(source, 5_000)) {
      const { symbol, bid, ask } = tickOf(row);
      const step = begin.priceSteps?.[String(symbol)] ?? Number.NaN;
      for (const price of [Number(bid), Number(ask)]) {
        expect(Math.abs(price / step - Math.round(price / step))).toBeLessThan(1e-6);
      }
    }
  });
});

describe('live', () => {
  test('what has happened by now comes within 50 ms, and nothing of the future', async () => {
    const clock = virtualClock(START_MS);
    const delays: number[] = [];
    await rowsWhile(aMarket({ clock, historyTicks: 0 }), clock, 20, (row) => {
      delays.push(Number(BigInt(clock.nowMs()) * 1_000_000n - timeOf(row)) / 1e6);
    });
    expect(delays.length).toBeGreaterThan(1_000);
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...delays)).toBeLessThanOrEqual(50);
  });

  test('about six trades a second and one and a half quotes per trade of each symbol', async () => {
    const source = aMarket({ historyTicks: 60_000, hasRegimes: false });
    const rows = await firstRows(source, 60_000);
    const seconds = Number(timeOf(rows[rows.length - 1]) - timeOf(rows[0])) / 1e9;
    const trades = rows.filter(({ raw }) => raw.kind === 'trade').length;
    expect(trades / seconds / 6).toBeGreaterThan(5);
    expect(trades / seconds / 6).toBeLessThan(7);
    expect((rows.length - trades) / trades).toBeCloseTo(1.5, 1);
  });

  test('close wakes a source that waits', async () => {
    const source = aMarket({ historyTicks: 0 });
    await source.open();
    const next = source.rows()[Symbol.asyncIterator]().next();
    await source.close();
    expect((await next).done).toBe(true);
  });

  test('a process that slept for a night goes on from now', async () => {
    const clock = virtualClock(START_MS);
    const source = aMarket({ clock, historyTicks: 100 });
    await source.open();
    const batches = source.rows()[Symbol.asyncIterator]();
    await batches.next();
    await clock.advance(8 * 3_600_000);
    const next = batches.next();
    await clock.advance(50);
    const rows = (await next).value as readonly SourceRow[];
    expect(Number(BigInt(clock.nowMs()) * 1_000_000n - timeOf(rows[0]))).toBeLessThan(1e9);
  });
});

describe('a restart', () => {
  const resume = {
    feedEpoch: 3,
    lastEventTimeNs: START_NS + 5_000_000_000n,
    lastPrices: new Map([['SIM:ALPHA', 250.015]]),
  };

  function afterRestart(): Promise<SourceRow[]> {
    const clock = virtualClock(START_MS);
    return rowsWhile(aMarket({ clock, resume }), clock, 8);
  }

  test('it is a new feed epoch from seq 1, behind the last event time, without a history', async () => {
    const rows = await afterRestart();
    expect(rows[0]).toMatchObject({ feedEpoch: 4, seq: 1n });
    expect(rows.every((row) => timeOf(row) > resume.lastEventTimeNs)).toBe(true);
  });

  test('prices go on from where they were, and chance is another than before', async () => {
    const rows = await afterRestart();
    const again = aMarket({ clock: virtualClock(START_MS), historyTicks: rows.length });
    expect(digestOf(await firstRows(again, rows.length))).not.toBe(digestOf(rows));
    const firstBid = (symbol: string): number =>
      Number(rows.map(tickOf).find((tick) => tick.symbol === symbol)?.bid);
    expect(Math.abs(firstBid('SIM:ALPHA') - 250.01)).toBeLessThan(0.1);
    expect(Math.abs(firstBid('SIM:BRAVO') - 62_000)).toBeLessThan(10);
  });
});

describe('faults on demand', () => {
  test('bad rows are added without a change to the good ones, and each is refused with a reason', async () => {
    const good = await firstRows(aMarket({ historyTicks: 3_000 }), 3_000);
    const rows = await firstRows(aMarket({ historyTicks: 3_000, badTickShare: 0.2 }), 3_500);
    const placed = [null];
    const door = new Door({
      measure: 'price',
      badRows: 'reject',
      placed,
      placedReject: null,
      limits: null,
    });
    const passed: SourceRow[] = [];
    const reasons = new Set<string>();
    for (const row of rows) {
      const verdict = door.judge(row);
      if (verdict.kind === 'reject') reasons.add(verdict.reason);
      else passed.push(row);
    }
    expect(rows.length - passed.length).toBeGreaterThan(400);
    expect(digestOf(passed)).toBe(digestOf(good.slice(0, passed.length)));
    expect([...reasons].sort()).toEqual([
      'BOOK_CROSSED',
      'DUPLICATE',
      'LATE',
      'PRICE_NOT_FINITE',
      'PRICE_NOT_POSITIVE',
      'SIZE_NOT_A_NUMBER',
      'SYMBOL_INVALID',
    ]);
  });

  test('gaps are silences of a symbol for 5 to 40 s', async () => {
    const longest = async (hasGaps: boolean): Promise<number> => {
      const rows = await firstRows(
        aMarket({ symbolCount: 1, historyTicks: 30_000, hasGaps }),
        30_000,
      );
      const gaps = rows.slice(1).map((row, at) => Number(timeOf(row) - timeOf(rows[at])) / 1e9);
      return Math.max(...gaps);
    };
    expect(await longest(false)).toBeLessThan(5);
    const withGaps = await longest(true);
    expect(withGaps).toBeGreaterThan(5);
    expect(withGaps).toBeLessThan(45);
  });
});
