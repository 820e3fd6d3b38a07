import { CorruptBytesError } from '#shared/errors.ts';
import { crc32 } from '#shared/numeric/crc32.ts';

const CHECKSUM_BYTES = 4;

/** A record as it lies on the disk: its bytes, then their CRC-32, little-endian. lmdb itself checks nothing that it reads. */
export function withChecksum(value: Uint8Array): Uint8Array {
  const { length } = value;
  const bytes = new Uint8Array(length + CHECKSUM_BYTES);
  bytes.set(value);
  new DataView(bytes.buffer).setUint32(length, crc32(value), true);
  return bytes;
}

/**
 * @param where topic, partition and offset, for the error
 * @returns the record, over the same memory
 * @throws CorruptBytesError `BYTES_CORRUPT` where a bit of it was lost
 */
export function checked(stored: Uint8Array, where: () => string): Uint8Array {
  const length = stored.byteLength - CHECKSUM_BYTES;
  // A Buffer's `slice` shares its memory where a Uint8Array's copies; readers are promised the latter.
  const value = new Uint8Array(stored.buffer, stored.byteOffset, Math.max(0, length));
  if (length < 0) {
    throw new CorruptBytesError(`${where()} must end with a checksum, had ${stored.length} bytes`);
  }
  const expected = new DataView(stored.buffer, stored.byteOffset).getUint32(length, true);
  const found = crc32(value);
  if (found === expected) return value;
  throw new CorruptBytesError(
    `${where()} must have checksum ${expected}, had ${found}: it was damaged on the disk`,
    { expected, found },
  );
}
