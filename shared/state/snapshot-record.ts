import { createHash } from 'node:crypto';
import { CorruptBytesError } from '#shared/errors.ts';
import { asSymbol } from '#shared/market/symbol.ts';
import { ByteReader } from '#shared/numeric/byte-reader.ts';
import { ByteWriter } from '#shared/numeric/byte-writer.ts';
import type { SymbolState } from './partition-commit.ts';
import type { Snapshot } from './snapshot-store.ts';

const VERSION = 1;
const DIGEST_BYTES = 32;
/** Small enough that hashing and copying a piece is no pause to speak of. */
const PIECE_BYTES = 256 * 1024;

/**
 * A snapshot as bytes, in pieces: version u8, run as text, partition u32, next u64, takenAtMs u64, partition state as u32 length
 * and bytes, count of symbols u32, each as text and u32 length and bytes, then the sha256 of all before.
 */
export function* snapshotPieces(snapshot: Snapshot): Generator<Uint8Array> {
  const hash = createHash('sha256');
  const writer = new ByteWriter(PIECE_BYTES);
  const piece = (): Uint8Array => {
    const bytes = writer.finish();
    writer.reset();
    hash.update(bytes);
    return bytes;
  };
  writer.u8(VERSION);
  writer.text16(snapshot.run);
  writer.u32(snapshot.partition);
  writer.u64(snapshot.next);
  writer.u64(BigInt(snapshot.takenAtMs));
  writer.u32(snapshot.partitionState.length);
  writer.bytes(snapshot.partitionState);
  writer.u32(snapshot.symbols.length);
  for (const { symbol, bytes } of snapshot.symbols) {
    writer.text16(symbol);
    writer.u32(bytes.length);
    writer.bytes(bytes);
    if (writer.length >= PIECE_BYTES) yield piece();
  }
  yield piece();
  yield hash.digest();
}

/** @param what named in errors. @throws CorruptBytesError `BYTES_CORRUPT` */
export function decodeSnapshot(stored: Uint8Array, what: string): Snapshot {
  const body = stored.subarray(0, Math.max(0, stored.length - DIGEST_BYTES));
  requireDigest(body, stored.subarray(body.length), what);
  const reader = new ByteReader(body, what);
  const version = reader.u8();
  if (version !== VERSION) {
    const message = `${what} must have version ${VERSION}, was ${version}`;
    throw new CorruptBytesError(message, { what, version });
  }
  const run = reader.text16();
  const partition = reader.u32();
  const next = reader.u64();
  const takenAtMs = Number(reader.u64());
  const partitionState = copied(reader);
  const symbols: SymbolState[] = [];
  for (let left = reader.u32(); left > 0; left -= 1) {
    symbols.push({ symbol: asSymbol(reader.text16()), bytes: copied(reader) });
  }
  reader.expectEnd();
  return { run, partition, next, takenAtMs, partitionState, symbols };
}

function requireDigest(body: Uint8Array, stored: Uint8Array, what: string): void {
  const found = createHash('sha256').update(body).digest('hex');
  const expected = Buffer.from(stored).toString('hex');
  if (found === expected) return;
  throw new CorruptBytesError(`${what} must have sha256 ${expected}, was ${found}`, {
    what,
    expected,
    found,
  });
}

/** A copy, so that one symbol that stays in use does not keep the whole snapshot in memory. */
function copied(reader: ByteReader): Uint8Array {
  return Uint8Array.from(reader.bytes(reader.u32()));
}
