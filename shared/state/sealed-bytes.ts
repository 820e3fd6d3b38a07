import { CorruptBytesError } from '#shared/errors.ts';
import { ByteReader } from '#shared/numeric/byte-reader.ts';
import { ByteWriter } from '#shared/numeric/byte-writer.ts';
import { crc32 } from '#shared/numeric/crc32.ts';

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
