import { crc32 as zlibCrc32 } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { crc32, crc32c } from '#shared/numeric/crc32.ts';

test('the check values of the CRC catalogue are met', () => {
  const digits = new TextEncoder().encode('123456789');
  expect(crc32(digits)).toBe(0xcbf43926);
  expect(crc32c(digits)).toBe(0xe3069283);
  expect(crc32(new Uint8Array(0))).toBe(0);
});

test('it agrees with zlib on any bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(7), fc.nat(12), (bytes, from, less) => {
      const some = bytes.subarray(from, Math.max(from, bytes.length - less));
      expect(crc32(some)).toBe(zlibCrc32(some));
    }),
  );
});
