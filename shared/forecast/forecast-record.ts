import { CorruptBytesError, PipelineError } from '#shared/errors.ts';
import { SymbolNames } from '#shared/market/symbol-names.ts';
import { ByteReader } from '#shared/numeric/byte-reader.ts';
import { ByteWriter } from '#shared/numeric/byte-writer.ts';
import { crc32 } from '#shared/numeric/crc32.ts';
import { BlankHorizons } from './blank-horizons.ts';
import type { Forecast, ForecastEntry, ForecastPack, HorizonForecast } from './forecast.ts';

/**
 * Forecast packs <-> bytes, version 2, little-endian:
 * version u8 | levels u8 x f64 | experts u8 x (name) | horizons u8 x u32 | models u8 x 32 bytes | entries u32 | entry ... | crc32 u32
 * entry: src u64, prev i64, forecasts u16 x (symbol, flags u8, model u8, origin u32, event time i64, origin value f64,
 * per horizon point f32, one f32 per level, one u8 per expert). Version 1 had no experts.
 */
const VERSION = 2;
const FIRST_WITH_EXPERTS = 2;
const WHAT = 'forecast pack';
const SHA_BYTES = 32;
const CHECKSUM_BYTES = 4;
const IS_VALUE = 1;
const IS_WARMING = 2;
const NAMES = new SymbolNames();
/** Packs are written here, then copied: buffers that grow from nothing for each cost more. */
const HEAD = new ByteWriter();
const ENTRIES = new ByteWriter();

/** The forecasts of a pack do not share their horizons or levels. Reaction: a fault of ours; stop the partition. */
export class MixedPackError extends PipelineError {
  override readonly code = 'FORECAST_PACK_MIXED';
}

interface PackHeader {
  readonly levels: readonly number[];
  readonly experts: readonly string[];
  readonly horizons: readonly number[];
  readonly models: readonly string[];
}

/** @throws MixedPackError `FORECAST_PACK_MIXED` */
export function encodeForecastPack({ levels, entries }: ForecastPack): Uint8Array {
  const first = entries.find(({ forecasts }) => forecasts.length > 0)?.forecasts[0];
  const horizons = first?.horizons.map(({ horizonTicks }) => horizonTicks) ?? [];
  const models: string[] = [];
  const header = { levels, experts: first?.experts ?? [], horizons, models };
  ENTRIES.reset();
  // Before the header, which names their models: each forecast is looked at once.
  for (const entry of entries) writeEntry(ENTRIES, entry, header);
  HEAD.reset();
  writeHeader(HEAD, header);
  HEAD.u32(entries.length);
  const bytes = new Uint8Array(HEAD.length + ENTRIES.length + CHECKSUM_BYTES);
  bytes.set(HEAD.written());
  bytes.set(ENTRIES.written(), HEAD.length);
  const checked = bytes.subarray(0, -CHECKSUM_BYTES);
  new DataView(bytes.buffer).setUint32(checked.length, crc32(checked), true);
  return bytes;
}

/** @throws CorruptBytesError `BYTES_CORRUPT` */
export function decodeForecastPack(bytes: Uint8Array): ForecastPack {
  if (bytes.length < 5) throw new CorruptBytesError(`${WHAT} was ${bytes.length} bytes long`);
  const reader = new ByteReader(bytes.subarray(0, -4), WHAT);
  const version = reader.u8();
  if (version < 1 || version > VERSION) {
    throw new CorruptBytesError(`${WHAT}: version must be 1 to ${VERSION}, was ${version}`);
  }
  const stored = new ByteReader(bytes.subarray(-4), WHAT).u32();
  const found = crc32(bytes.subarray(0, -4));
  if (stored !== found) {
    throw new CorruptBytesError(`${WHAT}: checksum must be ${stored}, was ${found}`);
  }
  const header: PackHeader = {
    levels: times(reader.u8(), () => reader.f64()),
    experts: version < FIRST_WITH_EXPERTS ? [] : times(reader.u8(), () => reader.text16()),
    horizons: times(reader.u8(), () => reader.u32()),
    models: times(reader.u8(), () => hexOfBytes(reader.bytes(SHA_BYTES))),
  };
  const { horizons, levels, experts } = header;
  const blanks = new BlankHorizons(horizons, levels.length, experts.length);
  const reading = { bytes, reader, header, blanks };
  const entries = times(reader.u32(), () => readEntry(reading));
  reader.expectEnd();
  return { levels: header.levels, entries };
}

function writeHeader(writer: ByteWriter, header: PackHeader): void {
  writer.u8(VERSION);
  writer.u8(header.levels.length);
  for (const level of header.levels) writer.f64(level);
  writer.u8(header.experts.length);
  for (const expert of header.experts) writer.text16(expert);
  writer.u8(header.horizons.length);
  for (const horizon of header.horizons) writer.u32(horizon);
  writer.u8(header.models.length);
  for (const sha of header.models) writer.bytes(bytesOfHex(sha));
}

/** A header whose models are those of the entries so far. */
type GrowingHeader = Omit<PackHeader, 'models'> & { readonly models: string[] };

function writeEntry(writer: ByteWriter, entry: ForecastEntry, header: GrowingHeader): void {
  writer.u64(entry.src);
  writer.i64(entry.prev);
  writer.u16(entry.forecasts.length);
  for (const forecast of entry.forecasts) writeForecast(writer, forecast, header);
}

function writeForecast(writer: ByteWriter, forecast: Forecast, header: GrowingHeader): void {
  const { experts, horizons } = forecast;
  const hasExperts = experts === header.experts || experts.join() === header.experts.join();
  if (!hasExperts || horizons.length !== header.horizons.length) throw mixed(forecast, header);
  writer.text16(forecast.symbol);
  writer.u8((forecast.measure === 'value' ? IS_VALUE : 0) | (forecast.isWarming ? IS_WARMING : 0));
  writer.u8(placeOf(forecast.modelSha, header.models));
  writer.u32(forecast.origin);
  writer.i64(forecast.eventTimeNs);
  writer.f64(forecast.originValue);
  for (let k = 0; k < horizons.length; k += 1) {
    if (!isOf(header, horizons[k], header.horizons[k])) throw mixed(forecast, header);
    writer.f32(horizons[k].point);
    writer.f32s(horizons[k].quantiles);
    writer.bytes(horizons[k].weights);
  }
}

function placeOf(modelSha: string, models: string[]): number {
  const known = models.indexOf(modelSha);
  return known < 0 ? models.push(modelSha) - 1 : known;
}

function isOf(
  { levels, experts }: GrowingHeader,
  { horizonTicks, quantiles, weights }: HorizonForecast,
  ticks: number,
): boolean {
  const hasLength = quantiles.length === levels.length && weights.length === experts.length;
  return horizonTicks === ticks && hasLength;
}

function mixed({ symbol, origin }: Forecast, header: GrowingHeader): MixedPackError {
  const { levels, experts, horizons } = header;
  return new MixedPackError(
    `forecasts of one pack share horizons ${horizons.join(',')}, ${levels.length} levels and experts ${experts.join(',')}, ${symbol} at ${origin} did not`,
    { symbol, origin },
  );
}

interface Reading {
  readonly bytes: Uint8Array;
  readonly reader: ByteReader;
  readonly header: PackHeader;
  readonly blanks: BlankHorizons;
}

function readEntry(reading: Reading): ForecastEntry {
  const { reader } = reading;
  const src = reader.u64();
  const prev = reader.i64();
  return { src, prev, forecasts: times(reader.u16(), () => readForecast(reading)) };
}

function readForecast({ bytes, reader, header, blanks }: Reading): Forecast {
  const length = reader.u16();
  const symbol = NAMES.read(bytes, reader.skip(length), length);
  const flags = reader.u8();
  const modelSha = header.models[reader.u8()];
  if (modelSha === undefined)
    throw new CorruptBytesError(`${WHAT}: a forecast names no model of the pack`);
  return {
    symbol,
    measure: flags & IS_VALUE ? 'value' : 'price',
    isWarming: (flags & IS_WARMING) !== 0,
    modelSha,
    experts: header.experts,
    origin: reader.u32(),
    eventTimeNs: reader.i64(),
    originValue: reader.f64(),
    horizons: readHorizons(reader, blanks),
  };
}

function readHorizons(reader: ByteReader, blanks: BlankHorizons): readonly HorizonForecast[] {
  const read = blanks.make();
  for (const horizon of read) {
    horizon.point = reader.f32();
    const { quantiles, weights } = horizon;
    reader.f32sInto(quantiles);
    for (let j = 0; j < weights.length; j += 1) weights[j] = reader.u8();
  }
  return read;
}

function times<T>(count: number, make: () => T): T[] {
  const made: T[] = [];
  for (let k = 0; k < count; k += 1) made.push(make());
  return made;
}

function bytesOfHex(hex: string): Uint8Array {
  return Uint8Array.from({ length: SHA_BYTES }, (_, k) =>
    Number.parseInt(hex.slice(2 * k, 2 * k + 2), 16),
  );
}

function hexOfBytes(bytes: Uint8Array): string {
  let hex = '';
  for (const byte of bytes) hex += byte.toString(16).padStart(2, '0');
  return hex;
}
