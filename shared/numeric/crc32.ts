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

/** Eight bytes at a time (slicing-by-8, Kounavis & Berry 2005). */
function remainder(bytes: Uint8Array, table: Uint32Array): number {
  let crc = ~0;
  let at = 0;
  const wholeEnd = bytes.length - (bytes.length % 8);
  for (; at < wholeEnd; at += 8) {
    const first =
      crc ^ (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24));
    crc =
      table[1792 + (first & 0xff)] ^
      table[1536 + ((first >>> 8) & 0xff)] ^
      table[1280 + ((first >>> 16) & 0xff)] ^
      table[1024 + (first >>> 24)] ^
      table[768 + bytes[at + 4]] ^
      table[512 + bytes[at + 5]] ^
      table[256 + bytes[at + 6]] ^
      table[bytes[at + 7]];
  }
  for (; at < bytes.length; at++) crc = table[(crc ^ bytes[at]) & 0xff] ^ (crc >>> 8);
  return ~crc >>> 0;
}

/** Eight tables of 256: table k holds the remainder of a byte that k zero bytes follow. */
function tables(polynomial: number): Uint32Array {
  const all = new Uint32Array(8 * 256);
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
