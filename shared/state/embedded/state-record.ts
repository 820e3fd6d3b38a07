import { CorruptBytesError } from '#shared/errors.ts';
import { ByteReader } from '#shared/numeric/byte-reader.ts';
import { ByteWriter } from '#shared/numeric/byte-writer.ts';
import { crc32 } from '#shared/numeric/crc32.ts';
import type { StoredClaim } from './claim-rules.ts';

const VERSION = 1;

/** version u8, crc32 u32 of what follows, then the bytes themselves. */
export function seal(bytes: Uint8Array): Uint8Array {
  const writer = new ByteWriter(5 + bytes.length);
  writer.u8(VERSION);
  writer.u32(crc32(bytes));
  writer.bytes(bytes);
  return writer.finish();
}

/**
 * @param what whose bytes they are, named in the error
 * @returns a copy at offset 0 of its own buffer, so that it may be viewed as floats
 * @throws CorruptBytesError `BYTES_CORRUPT` where version or checksum differ
 */
export function unseal(sealed: Uint8Array, what: string): Uint8Array {
  const reader = new ByteReader(sealed, what);
  const version = reader.u8();
  if (version !== VERSION) {
    throw new CorruptBytesError(`${what} must have version ${VERSION}, was ${version}`, {
      version,
    });
  }
  const expected = reader.u32();
  const bytes = Uint8Array.from(reader.bytes(reader.remaining));
  const found = crc32(bytes);
  if (found !== expected) {
    throw new CorruptBytesError(
      `${what} must have crc32 ${expected}, was ${found} over ${bytes.length} bytes`,
      { what, expected, found, length: bytes.length },
    );
  }
  return bytes;
}

/** Sealed: run and token as text, generation u32, 1 and next u64 (0 and 0 before the first commit), the fold's own bytes. */
export function encodeClaim(claim: StoredClaim): Uint8Array {
  const writer = new ByteWriter(128 + claim.partitionState.length);
  writer.text16(claim.run);
  writer.text16(claim.token);
  writer.u32(claim.generation);
  writer.u8(claim.next === null ? 0 : 1);
  writer.u64(claim.next ?? 0n);
  writer.bytes(claim.partitionState);
  return seal(writer.finish());
}

/** @throws CorruptBytesError `BYTES_CORRUPT` */
export function decodeClaim(sealed: Uint8Array, what: string): StoredClaim {
  const reader = new ByteReader(unseal(sealed, what), what);
  const run = reader.text16();
  const token = reader.text16();
  const generation = reader.u32();
  const isCommitted = reader.u8() === 1;
  const next = reader.u64();
  const partitionState = reader.bytes(reader.remaining).slice();
  return { run, token, generation, next: isCommitted ? next : null, partitionState };
}
