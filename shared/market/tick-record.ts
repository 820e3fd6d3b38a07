import { CorruptBytesError, PipelineError } from '../errors.ts';
import { ByteReader } from '../numeric/byte-reader.ts';
import { ByteWriter } from '../numeric/byte-writer.ts';
import type { Control } from './control.ts';
import { decodeControlPayload, encodeControlPayload } from './control-payload.ts';
import type { SymbolName } from './symbol.ts';
import { SymbolNames } from './symbol-names.ts';
import type { Book, Quote, Row, Tick, Trade } from './tick.ts';

const VERSION = 1;
const KIND = { trade: 1, quote: 2, row: 3, control: 4 } as const;
const HAS_BOOK = 1;
const BUYER_TOOK = 2;
const SELLER_TOOK = 4;
const WHAT = 'a tick record';
/** Version, kind, flags, feedEpoch, seq, eventTimeNs, length of the symbol. */
const HEADER_BYTES = 26;
const NAMES = new SymbolNames();
/** Records are written here, then copied: a buffer for each to be written in, and a view of it, take longer than the writing. */
const SCRATCH = new ByteWriter();

/**
 * One record of `ticks`, little-endian:
 * version u8, kind u8, flags u16 (bit 0 best bid and ask are known, bit 1 the buyer took, bit 2 the seller took), feedEpoch u32,
 * seq u64, eventTimeNs i64, symbol or group as u16 length + UTF-8; then
 * - trade: float64 price, size and, with bit 0, bid, bidSize, ask, askSize;
 * - quote: float64 bid, bidSize, ask, askSize (bit 0 set);
 * - row: u16 count, ceil(count / 8) bytes in which bit i % 8 of byte i / 8 marks cell i as missing, float64 of each other cell;
 * - control: epoch, seq and time 0, empty symbol, then JSON to the end.
 */
export function encodeTick(tick: Tick): Uint8Array {
  const writer = SCRATCH;
  writer.reset();
  writer.u8(VERSION);
  writer.u8(KIND[tick.kind]);
  writer.u16(flagsOf(tick));
  writer.u32(tick.feedEpoch);
  writer.u64(tick.seq);
  writer.i64(tick.eventTimeNs);
  writer.text16(tick.symbol);
  if (tick.kind === 'row') {
    writeCells(writer, tick.values);
    return writer.finish();
  }
  if (tick.kind === 'trade') {
    writer.f64(tick.price);
    writer.f64(tick.size);
  }
  if (tick.book !== null) writeBook(writer, tick.book);
  return writer.finish();
}

/** A control between the ticks; the layout is that of `encodeTick`. */
export function encodeControl(control: Control): Uint8Array {
  const payload = encodeControlPayload(control);
  const writer = new ByteWriter(HEADER_BYTES + payload.length);
  writer.u8(VERSION);
  writer.u8(KIND.control);
  writer.u16(0);
  writer.u32(0);
  writer.u64(0n);
  writer.i64(0n);
  writer.text16('');
  writer.bytes(payload);
  return writer.finish();
}

/** Looks at the kind byte only; says nothing about the rest. */
export function isControlRecord(bytes: Uint8Array): boolean {
  return bytes.length > 1 && bytes[1] === KIND.control;
}

/** @throws CorruptBytesError `BYTES_CORRUPT` for every byte string that `encodeTick` and `encodeControl` cannot have made */
export function decodeTickRecord(bytes: Uint8Array): Tick | Control {
  const reader = new ByteReader(bytes, WHAT);
  const version = reader.u8();
  if (version !== VERSION) throw corrupt(`version must be ${VERSION}`, version);
  const kind = reader.u8();
  const flags = reader.u16();
  const feedEpoch = reader.u32();
  const seq = reader.u64();
  const eventTimeNs = reader.i64();
  const length = reader.u16();
  const at = reader.skip(length);
  if (kind === KIND.control) {
    requireFlags(flags, 0);
    const isBlank = feedEpoch === 0 && seq === 0n && eventTimeNs === 0n && length === 0;
    if (!isBlank) throw corrupt('the header of a control must be blank', { feedEpoch, length });
    return decodeControlPayload(reader.bytes(reader.remaining));
  }
  const header = { symbol: symbolOf(bytes, at, length), feedEpoch, seq, eventTimeNs };
  const tick = readBody(reader, kind, flags, header);
  reader.expectEnd();
  return tick;
}

interface Header {
  readonly symbol: SymbolName;
  readonly feedEpoch: number;
  readonly seq: bigint;
  readonly eventTimeNs: bigint;
}

function readBody(reader: ByteReader, kind: number, flags: number, header: Header): Tick {
  if (kind === KIND.trade) return readTrade(reader, flags, header);
  if (kind === KIND.quote) return readQuote(reader, flags, header);
  if (kind === KIND.row) return readRow(reader, flags, header);
  throw corrupt('kind must be 1 to 4', kind);
}

// Fields stand in one order in every trade, so that all trades share one hidden class in the fold; spreading would cost a copy.
function readTrade(reader: ByteReader, flags: number, header: Header): Trade {
  requireFlags(flags, HAS_BOOK | BUYER_TOOK | SELLER_TOOK);
  const price = readNumber(reader);
  const size = readNumber(reader);
  return {
    kind: 'trade',
    symbol: header.symbol,
    feedEpoch: header.feedEpoch,
    seq: header.seq,
    eventTimeNs: header.eventTimeNs,
    price,
    size,
    side: sideOf(flags),
    book: (flags & HAS_BOOK) === 0 ? null : readBook(reader),
  };
}

function readQuote(reader: ByteReader, flags: number, header: Header): Quote {
  if (flags !== HAS_BOOK) throw corrupt('flags of a quote must be 1', flags);
  return {
    kind: 'quote',
    symbol: header.symbol,
    feedEpoch: header.feedEpoch,
    seq: header.seq,
    eventTimeNs: header.eventTimeNs,
    book: readBook(reader),
  };
}

function readRow(reader: ByteReader, flags: number, header: Header): Row {
  requireFlags(flags, 0);
  const count = reader.u16();
  const missing = reader.bytes(Math.ceil(count / 8));
  const values = new Float64Array(count).fill(Number.NaN);
  for (let cell = 0; cell < count; cell++) {
    if (((missing[cell >> 3] >> (cell & 7)) & 1) === 0) values[cell] = readNumber(reader);
  }
  if (count % 8 !== 0 && missing[missing.length - 1] >> (count % 8) !== 0) {
    throw corrupt('bits behind the last cell must be 0', missing[missing.length - 1]);
  }
  return { kind: 'row', ...header, values };
}

function readBook(reader: ByteReader): Book {
  const bid = readNumber(reader);
  const bidSize = readNumber(reader);
  const ask = readNumber(reader);
  return { bid, bidSize, ask, askSize: readNumber(reader) };
}

// Ingest lets no other number in, so one that is not finite is damage, and one step with it would ruin a symbol's state.
function readNumber(reader: ByteReader): number {
  const value = reader.f64();
  if (!Number.isFinite(value)) throw corrupt('numbers must be finite', value);
  return value;
}

function symbolOf(bytes: Uint8Array, at: number, length: number): SymbolName {
  try {
    return NAMES.read(bytes, at, length);
  } catch (cause) {
    if (!(cause instanceof PipelineError)) throw cause;
    throw new CorruptBytesError(`${WHAT}: ${cause.message}`, { at, length }, cause);
  }
}

function sideOf(flags: number): Trade['side'] {
  if ((flags & BUYER_TOOK) !== 0 && (flags & SELLER_TOOK) !== 0) {
    throw corrupt('only one side can have taken', flags);
  }
  if ((flags & BUYER_TOOK) !== 0) return 1;
  return (flags & SELLER_TOOK) === 0 ? 0 : -1;
}

function flagsOf(tick: Tick): number {
  if (tick.kind === 'row') return 0;
  const book = tick.book === null ? 0 : HAS_BOOK;
  if (tick.kind === 'quote' || tick.side === 0) return book;
  return book | (tick.side === 1 ? BUYER_TOOK : SELLER_TOOK);
}

function writeBook(writer: ByteWriter, book: Book): void {
  writer.f64(book.bid);
  writer.f64(book.bidSize);
  writer.f64(book.ask);
  writer.f64(book.askSize);
}

function writeCells(writer: ByteWriter, values: Float64Array): void {
  const missing = new Uint8Array(Math.ceil(values.length / 8));
  values.forEach((value, cell) => {
    if (Number.isNaN(value)) missing[cell >> 3] |= 1 << (cell & 7);
  });
  writer.u16(values.length);
  writer.bytes(missing);
  for (const value of values) if (!Number.isNaN(value)) writer.f64(value);
}

function requireFlags(flags: number, allowed: number): void {
  if ((flags & ~allowed) !== 0) throw corrupt(`flags may hold ${allowed}`, flags);
}

function corrupt(expected: string, was: unknown): CorruptBytesError {
  return new CorruptBytesError(`${WHAT}: ${expected}, was ${JSON.stringify(was)}`, { was });
}
