const ZLIB = tables(0xedb88320);
const CASTAGNOLI = tables(0x82f63b78);

/**
 * CRC-32 as in zlib and PNG (reflected, polynomial EDB88320).
 *
 * @returns 0 to 2^32 - 1
 */
export function crc32(bytes: Uint8Array): number {
  return remainder(bytes, ZLIB);
}

/**
 * CRC-32C as in iSCSI and Kafka's record batches (reflected, polynomial 82F63B78).
 *
 * @returns 0 to 2^32 - 1
 */
export function crc32c(bytes: Uint8Array): number {
  return remainder(bytes, CASTAGNOLI);
}

/** Two words at a time, little-endian as every platform Node runs on (slicing-by-8, Kounavis & Berry 2005). */
function remainder(bytes: Uint8Array, table: Int32Array): number {
  const { buffer, byteOffset, length } = bytes;
  // A view of words begins at a multiple of four.
  const head = -byteOffset & 3;
  if (length < head + 8) return ~bytewise(~0, bytes, table) >>> 0;
  const words = new Int32Array(buffer, byteOffset + head, 2 * ((length - head) >> 3));
  let crc = bytewise(~0, bytes.subarray(0, head), table);
  for (let k = 0; k < words.length; k += 2) {
    const a = crc ^ words[k];
    const b = words[k + 1];
    crc =
      table[1792 + (a & 0xff)] ^
      table[1536 + ((a >>> 8) & 0xff)] ^
      table[1280 + ((a >>> 16) & 0xff)] ^
      table[1024 + (a >>> 24)] ^
      table[768 + (b & 0xff)] ^
      table[512 + ((b >>> 8) & 0xff)] ^
      table[256 + ((b >>> 16) & 0xff)] ^
      table[b >>> 24];
  }
  return ~bytewise(crc, bytes.subarray(head + 4 * words.length), table) >>> 0;
}

function bytewise(before: number, bytes: Uint8Array, table: Int32Array): number {
  let crc = before;
  for (const byte of bytes) crc = table[(crc ^ byte) & 0xff] ^ (crc >>> 8);
  return crc;
}

/** Eight tables of 256: table k holds the remainder of a byte that k zero bytes follow. */
function tables(polynomial: number): Int32Array {
  const all = new Int32Array(8 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ ((crc & 1) * polynomial);
    all[byte] = crc;
  }
  for (let at = 256; at < all.length; at++) {
    const before = all[at - 256];
    all[at] = all[before & 0xff] ^ (before >>> 8);
  }
  return all;
}
