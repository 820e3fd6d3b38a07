import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { type FileSourceOptions, fileSource } from '#services/ingest/sources/file-source.ts';
import type { SourceRow, TickSource } from '#services/ingest/sources/source.ts';
import { InvalidTickError } from '#shared/market/invalid-tick.ts';
import { tickFrom } from '#shared/market/parse-tick.ts';
import { aFolder } from '#test/builders/a-folder.ts';

const HEADER = 'recv_ns,exch_ms,symbol,kind,price,qty,buyer_maker,bid,bid_qty,ask,ask_qty\n';
const T0 = 1_723_161_254_000_000_000n;
const trade = (at: number, symbol = 'A', price = '10'): string =>
  `${T0 + BigInt(at)},,${symbol},T,${price},1,0,,,,\n`;
const quote = (at: number, symbol = 'A'): string => `${T0 + BigInt(at)},,${symbol},Q,,,,9,1,11,2\n`;

const ticks = (input: string, more: Partial<FileSourceOptions> = {}): TickSource =>
  fileSource({ input, layout: 'ticks', symbolFrom: 'column', ...more });
const wide = (input: string, more: Partial<FileSourceOptions> = {}): TickSource =>
  fileSource({ input, layout: 'wide', symbolFrom: 'column', ...more });

async function oneFile(name: string, content: string | Uint8Array): Promise<string> {
  return join(await aFolder({ [name]: content }), name);
}

async function rowsOf(source: TickSource): Promise<SourceRow[]> {
  await source.open();
  const rows: SourceRow[] = [];
  for await (const batch of source.rows()) rows.push(...batch);
  return rows;
}

/** How the door sees each row: the tick's symbol, time from T0 and price, or the reason against it. */
async function seen(source: TickSource): Promise<string[]> {
  return (await rowsOf(source)).map((row) => {
    try {
      const tick = tickFrom(row.raw, row, 'value');
      const value = tick.kind === 'trade' ? tick.price : tick.kind;
      return `${tick.symbol} ${tick.eventTimeNs - T0} ${value}`;
    } catch (error) {
      if (error instanceof InvalidTickError)
        return `${row.where} ${error.reason}: ${error.message}`;
      throw error;
    }
  });
}

async function refusal(source: TickSource): Promise<string> {
  return source.open().then(
    () => 'none',
    (error: unknown) =>
      error instanceof Error && 'code' in error ? `${error.code}: ${error.message}` : `${error}`,
  );
}

describe('files of ticks', () => {
  test('several files are one stream by receive time, ties by file name, numbered from 1', async () => {
    const folder = await aFolder({
      'b.csv': HEADER + trade(1, 'B') + quote(5, 'B') + trade(9, 'B'),
      'a.csv.gz': HEADER + trade(3) + trade(5) + trade(7),
      'notes.md': 'not data',
    });
    expect(await seen(ticks(folder))).toEqual([
      'B 1 10',
      'A 3 10',
      'A 5 10',
      'B 5 quote',
      'A 7 10',
      'B 9 10',
    ]);
    const rows = await rowsOf(ticks(folder));
    expect(rows.map(({ seq, feedEpoch }) => `${feedEpoch}/${seq}`)).toEqual(
      [1, 2, 3, 4, 5, 6].map((seq) => `1/${seq}`),
    );
    expect(rows[0].where).toBe('b.csv:2');
  });

  test('a late row keeps its place in its file', async () => {
    const folder = await aFolder({
      'a.csv': HEADER + trade(5) + trade(1) + trade(6),
      'b.csv': HEADER + trade(4, 'B') + trade(7, 'B'),
    });
    expect(await seen(ticks(folder))).toEqual(['B 4 10', 'A 5 10', 'A 1 10', 'A 6 10', 'B 7 10']);
  });

  test('the description tells rows, span and the checksum of the bytes', async () => {
    const folder = await aFolder({ 'a.csv.gz': HEADER + trade(3) + trade(40) });
    const bytes = await readFile(join(folder, 'a.csv.gz'));
    const source = ticks(folder, { priceSteps: { A: 0.1 } });
    expect(await source.open()).toMatchObject({
      rowCount: 2,
      spanNs: { first: T0 + 3n, last: T0 + 40n },
      inputs: [{ name: 'a.csv.gz', sha256: createHash('sha256').update(bytes).digest('hex') }],
      begin: { priceSteps: { A: 0.1 } },
    });
    expect(await source.open()).toEqual(await source.open());
  });

  test("a symbol may be the file's name, for several files that use one name", async () => {
    const folder = await aFolder({ 'spot.csv': HEADER + trade(1), 'perp.csv': HEADER + trade(2) });
    expect(await seen(ticks(folder, { symbolFrom: 'file' }))).toEqual(['spot 1 10', 'perp 2 10']);
  });

  test('quoted fields, a byte order mark, CRLF, blank lines and a missing last newline are CSV', async () => {
    const text = `\uFEFF${HEADER}${trade(1)}\n"${T0 + 2n}",,"A",T,"11",1,0,,,,`.replaceAll(
      '\n',
      '\r\n',
    );
    expect(await seen(ticks(await oneFile('a.csv', text)))).toEqual(['A 1 10', 'A 2 11']);
  });

  test('files joined from parts with different line ends lose no line', async () => {
    const [first, second, third] = [trade(1), trade(2), trade(3)];
    const withReturns = (lines: string) => lines.replaceAll('\n', '\r\n');
    const all = ['A 1 10', 'A 2 10', 'A 3 10'];
    const bytes = withReturns(HEADER + first) + second + third;
    expect(await seen(ticks(await oneFile('a.csv', bytes)))).toEqual(all);
    const other = HEADER + first + withReturns(second + third);
    expect(await seen(ticks(await oneFile('a.csv', other)))).toEqual(all);
  });

  test('folders and hidden files among them are no data, whatever their names', async () => {
    const folder = await aFolder({ 'a.csv': HEADER + trade(1), '._a.csv': '\0\u0005' });
    await mkdir(join(folder, 'b.csv'));
    expect(await seen(ticks(folder))).toEqual(['A 1 10']);
  });

  test('other columns are taken by name, and a file without a kind holds trades', async () => {
    const file = await oneFile('a.csv', 'when,last,name\n1723161254000,5,X\n');
    const columns = { time: 'when', price: 'last', symbol: 'name' };
    expect(await seen(ticks(file, { columns }))).toEqual(['X 0 5']);
  });

  test('bad rows are delivered with file, line and reason, in their place', async () => {
    const good = trade(1).trim();
    const text = `${HEADER}${good}\n${good},9\n${good.replace(',T,', ',X,')}\n${good.replace('10', 'ten')}\nnever,,A,T,10,1,0,,,,\n${trade(3)}`;
    expect(await seen(ticks(await oneFile('a.csv', text)))).toEqual([
      'A 1 10',
      'a.csv:3 COLUMN_COUNT: a line must have 11 columns like the header, was 12',
      'a.csv:4 KIND_UNKNOWN: kind must be T, Q, trade or quote, was "X"',
      'a.csv:5 PRICE_NOT_A_NUMBER: price must be a decimal number, was "ten"',
      'a.csv:6 TIME_UNREADABLE: time must be whole nanoseconds, was "never"',
      'A 3 10',
    ]);
  });

  test('more rows than one batch come in batches that are asked for, until the source is closed', async () => {
    const text = HEADER + Array.from({ length: 9_000 }, (_, at) => trade(at)).join('');
    const source = ticks(await oneFile('a.csv.gz', text));
    await source.open();
    const batches = source.rows()[Symbol.asyncIterator]();
    const first = await batches.next();
    expect(first.value).toHaveLength(2_000);
    await source.close();
    expect((await batches.next()).done).toBe(true);
  });
});

describe('files that are refused', () => {
  const whole = gzipSync(
    HEADER + Array.from({ length: 5_000 }, (_, at) => trade(at * 7919)).join(''),
  );

  test('a missing file and an empty name', async () => {
    const folder = await aFolder({});
    expect(await refusal(ticks(join(folder, 'no.csv')))).toBe(
      `SOURCE_INPUT: input must be a file or folder, ${join(folder, 'no.csv')} was not found`,
    );
    expect(await refusal(ticks(''))).toBe(
      'SOURCE_INPUT: input must be a file or folder, the name was empty',
    );
  });

  test('a folder without data, an extension that is none of ours, two files of one stem', async () => {
    const folder = await aFolder({ 'a.txt': HEADER, 'b.md': '' });
    expect(await refusal(ticks(folder))).toBe(
      `SOURCE_INPUT: a folder must hold .csv or .csv.gz files, ${folder} held 2 other entries`,
    );
    expect(await refusal(ticks(join(folder, 'a.txt')))).toBe(
      'SOURCE_INPUT: input must end in .csv or .csv.gz, was a.txt',
    );
    const twins = await aFolder({ 'a.csv': HEADER, 'a.csv.gz': HEADER });
    expect(await refusal(ticks(twins))).toContain('were a.csv and a.csv.gz');
  });

  test.each([
    ['empty.csv', ''],
    ['empty.csv.gz', ''],
    ['empty.csv.gz', new Uint8Array()],
  ])('%s without a byte', async (name, content) => {
    expect(await refusal(ticks(await oneFile(name, content)))).toBe(
      `SOURCE_EMPTY: ${name}: there must be a header and at least one row, the file was empty`,
    );
  });

  test('a header without a row', async () => {
    expect(await refusal(ticks(await oneFile('a.csv', HEADER)))).toBe(
      'SOURCE_EMPTY: a.csv: there must be a header and at least one row, there was only a header',
    );
  });

  test.each([0.3, 0.9, 1])('a gzip of which %d of the bytes are there', async (share) => {
    const length = Math.min(whole.length - 1, Math.floor(whole.length * share));
    const file = await oneFile('cut.csv.gz', whole.subarray(0, length));
    expect(await refusal(ticks(file))).toMatch(
      /^SOURCE_UNREADABLE: cut.csv.gz: gzip must be whole, was truncated; the last line that could be read was \d+$/,
    );
  });

  test('a gzip with a damaged byte, and bytes that are no gzip', async () => {
    const damaged = Uint8Array.from(whole);
    damaged[damaged.length >> 1] ^= 0xff;
    expect(await refusal(ticks(await oneFile('a.csv.gz', damaged)))).toMatch(
      /^SOURCE_UNREADABLE: a.csv.gz: gzip must be intact, was damaged after line \d+$/,
    );
    const plain = new TextEncoder().encode(HEADER + trade(1));
    expect(await refusal(ticks(await oneFile('a.csv.gz', plain)))).toBe(
      'SOURCE_UNREADABLE: a.csv.gz: bytes must be gzip as the name says, were not',
    );
  });

  test('a quote that is never closed', async () => {
    const file = await oneFile('a.csv', `${HEADER}${trade(1)}"${trade(2)}`);
    expect(await refusal(ticks(file))).toBe(
      'SOURCE_UNREADABLE: a.csv: lines must be CSV, after line 2 they were not',
    );
  });

  test('columns that are missing, unknown or there twice, all told together', async () => {
    const file = await oneFile('a.csv', 'recv_ns,kind,bid,ask,colour,bid\n1,T,1,2,3,4\n');
    expect(await refusal(ticks(file))).toBe(
      'SOURCE_COLUMNS: a.csv: columns must be among recv_ns, exch_ms, symbol, kind, price, qty, side, buyer_maker, bid, bid_qty, ask, ask_qty with at least recv_ns, price, symbol, bid, ask; "price", "symbol" were missing; "colour" was unknown; "bid" was there twice',
    );
  });

  test('a time column in which nothing is a time', async () => {
    const file = await oneFile('a.csv', 'day,x\nMonday,1\nTuesday,2\n');
    expect(await refusal(wide(file))).toBe(
      'SOURCE_COLUMNS: a.csv: the time column must hold dates, nanoseconds, milliseconds or an index, was "Monday"',
    );
  });
});

describe('wide files', () => {
  test('each column is a symbol, each line a row of the group that is named after the file', async () => {
    const file = await oneFile(
      'station.csv.gz',
      'date,x,y\n2016-07-01 00:00:00,1,\n2016-07-01 01:00:00,2,4\n',
    );
    const source = wide(file);
    expect((await source.open()).begin).toEqual({ groups: { station: ['x', 'y'] } });
    const rows = (await rowsOf(source)).map((row) => tickFrom(row.raw, row, 'value'));
    expect(rows).toMatchObject([
      { kind: 'row', symbol: 'station', eventTimeNs: 1467331200000000000n },
      { kind: 'row', symbol: 'station', eventTimeNs: 1467334800000000000n },
    ]);
    expect(rows.map((row) => row.kind === 'row' && [...row.values])).toEqual([
      [1, Number.NaN],
      [2, 4],
    ]);
  });

  test('the time may stand anywhere, and an index counts intervals from 0', async () => {
    const file = await oneFile('fx.csv', 'c0,i,c1\n1.5,0,2\n1.6,1,3\n');
    const source = wide(file, { columns: { time: 'i' }, intervalNs: 86_400_000_000_000n });
    expect(await source.open()).toMatchObject({
      spanNs: { first: 0n, last: 86_400_000_000_000n },
      begin: { groups: { fx: ['c0', 'c1'] } },
    });
  });

  test('a lone column named value is a series named after its file', async () => {
    const folder = await aFolder({
      'speed_1.csv': 'timestamp,value\n2015-01-01 00:00:00,1\n',
      'speed_2.csv': 'timestamp,value\n2015-01-01 00:00:00,2\n',
    });
    expect((await wide(folder).open()).begin.groups).toEqual({
      speed_1: ['speed_1'],
      speed_2: ['speed_2'],
    });
  });

  test('one series name in two files is refused, unless symbols carry the file', async () => {
    const text = 'date,x\n2016-07-01,1\n';
    const folder = await aFolder({ 'a.csv': text, 'b.csv': text });
    expect(await refusal(wide(folder))).toBe(
      'SOURCE_COLUMNS: a series must be in one file, x was in a.csv and b.csv; take the symbols from the file to tell them apart',
    );
    expect((await wide(folder, { symbolFrom: 'file' }).open()).begin.groups).toEqual({
      a: ['a:x'],
      b: ['b:x'],
    });
  });

  test.each([
    ['date,x,x\n', 'columns must differ, "x" was there twice'],
    ['date\n', 'there must be a time column and at least one series, was only date'],
    [
      'date,a b\n',
      'column a b: a symbol is 1 to 64 characters of A-Z a-z 0-9 . _ : / -, was "a b"',
    ],
  ])('the header %j is refused', async (header, expected) => {
    const file = await oneFile('a.csv', `${header}2016-07-01,1,2\n`);
    expect(await refusal(wide(file))).toContain(expected);
  });

  test('a time column that is not there is named', async () => {
    const file = await oneFile('a.csv', 'date,x\n2016-07-01,1\n');
    expect(await refusal(wide(file, { columns: { time: 'when' } }))).toBe(
      'SOURCE_COLUMNS: a.csv: there must be a time column when, columns were date, x',
    );
  });
});
