import type { RawTick, TimeFormat } from '#shared/market/raw-tick.ts';
import type { CsvFile } from './csv-files.ts';
import { type LineReader, wrongCount } from './layout.ts';
import { SourceColumnsError } from './source-errors.ts';

/** Which column holds what. The names of the reference files are the default. */
export interface TickColumns {
  readonly time: string;
  readonly symbol: string;
  /** T or trade, Q or quote. A file without it holds trades. */
  readonly kind: string;
  readonly price: string;
  readonly size: string;
  readonly side: string;
  readonly buyerIsMaker: string;
  readonly bid: string;
  readonly bidSize: string;
  readonly ask: string;
  readonly askSize: string;
  /** The venue's own stamp: may be there, is not used. */
  readonly venueTime: string;
}

export const TICK_COLUMNS: TickColumns = {
  time: 'recv_ns',
  venueTime: 'exch_ms',
  symbol: 'symbol',
  kind: 'kind',
  price: 'price',
  size: 'qty',
  side: 'side',
  buyerIsMaker: 'buyer_maker',
  bid: 'bid',
  bidSize: 'bid_qty',
  ask: 'ask',
  askSize: 'ask_qty',
};

export interface TickLayout {
  readonly columns?: Partial<TickColumns>;
  readonly symbolFrom: 'column' | 'file';
  /** Absent: nanoseconds where the time column has its default name, else recognised. */
  readonly timeFormat?: TimeFormat;
}

const KINDS = new Map([
  ['T', 'trade'],
  ['trade', 'trade'],
  ['Q', 'quote'],
  ['quote', 'quote'],
]);

/**
 * One trade or quote per line.
 *
 * @throws SourceColumnsError `SOURCE_COLUMNS` where columns are missing, repeated or unknown
 */
export function tickLayout(
  file: CsvFile,
  header: readonly string[],
  layout: TickLayout,
): LineReader {
  const columns = { ...TICK_COLUMNS, ...layout.columns };
  checkHeader(file, header, columns, layout.symbolFrom);
  const at = (name: string): number => header.indexOf(name);
  const [kindAt, symbolAt] = [at(columns.kind), at(columns.symbol)];
  const [priceAt, sizeAt, sideAt] = [at(columns.price), at(columns.size), at(columns.side)];
  const [bidAt, bidSizeAt] = [at(columns.bid), at(columns.bidSize)];
  const [askAt, askSizeAt, makerAt] = [
    at(columns.ask),
    at(columns.askSize),
    at(columns.buyerIsMaker),
  ];
  const rawFrom = (fields: readonly string[], time: unknown, timeFormat: TimeFormat): RawTick => {
    if (fields.length !== header.length) return wrongCount(fields, header.length);
    const symbol = layout.symbolFrom === 'file' ? file.stem : fields[symbolAt];
    const kind = kindAt < 0 ? 'trade' : KINDS.get(fields[kindAt]);
    const [bid, bidSize] = [fields[bidAt], fields[bidSizeAt]];
    const [ask, askSize] = [fields[askAt], fields[askSizeAt]];
    if (kind === 'quote') return { kind, symbol, time, timeFormat, bid, bidSize, ask, askSize };
    if (kind !== 'trade') return wrongKind(fields[kindAt]);
    const [price, size] = [fields[priceAt], fields[sizeAt]];
    const [side, buyerIsMaker] = [fields[sideAt], fields[makerAt]];
    const book = { bid, bidSize, ask, askSize };
    return { kind: 'trade', symbol, time, timeFormat, price, size, side, buyerIsMaker, ...book };
  };
  const isReference = columns.time === TICK_COLUMNS.time;
  const timeFormat = layout.timeFormat ?? (isReference ? 'ns' : null);
  return { timeAt: at(columns.time), timeFormat, groups: {}, rawFrom };
}

function wrongKind(found: string): RawTick {
  const message = 'kind must be T, Q, trade or quote';
  return { kind: 'unreadable', reason: 'KIND_UNKNOWN', message, found };
}

function checkHeader(
  file: CsvFile,
  header: readonly string[],
  columns: TickColumns,
  symbolFrom: TickLayout['symbolFrom'],
): void {
  const required = [columns.time, columns.price];
  if (symbolFrom === 'column') required.push(columns.symbol);
  if (header.includes(columns.kind)) required.push(columns.bid, columns.ask);
  const known = Object.values(columns);
  const faults = [
    fault(
      'missing',
      required.filter((name) => !header.includes(name)),
    ),
    fault(
      'unknown',
      header.filter((name) => !known.includes(name)),
    ),
    fault(
      'there twice',
      header.filter((name, at) => header.indexOf(name) !== at),
    ),
  ].filter((text) => text !== '');
  if (faults.length === 0) return;
  throw new SourceColumnsError(
    `${file.name}: columns must be among ${known.join(', ')} with at least ${required.join(', ')}; ${faults.join('; ')}`,
    { file: file.name, header, required, known },
  );
}

function fault(what: string, names: readonly string[]): string {
  if (names.length === 0) return '';
  return `${names.map((name) => JSON.stringify(name)).join(', ')} ${names.length === 1 ? 'was' : 'were'} ${what}`;
}
