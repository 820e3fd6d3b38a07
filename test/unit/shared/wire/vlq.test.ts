import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DecimalWriter } from '#services/serve/decimal-writer.ts';
import { WireFormatError } from '#shared/wire/codec.ts';
import { readVlq } from '#shared/wire/vlq.ts';

describe('whole numbers as base64 VLQ', () => {
  // As any tool for source maps writes them.
  test.each([
    [0, 'A'],
    [1, 'C'],
    [-1, 'D'],
    [15, 'e'],
    [16, 'gB'],
    [-16, 'hB'],
    [1_000, 'w+B'],
    [-123_456, 'hkxH'],
    [2 ** 31 - 1, '+/////D'],
  ])('%d is %s', (number, text) => {
    expect(vlqText([number])).toBe(text);
    expect(readVlq(text)).toEqual([number]);
  });

  test('are read as they were written, however many and large', () => {
    const number = fc.oneof(
      fc.integer({ min: -40, max: 40 }),
      fc.maxSafeInteger().map((one) => Math.trunc(one / 2)),
    );
    fc.assert(
      fc.property(fc.array(number), (numbers) => {
        expect(readVlq(vlqText(numbers))).toEqual(numbers.map((one) => one + 0));
      }),
    );
  });

  test.each(['A-', 'A A', 'é', 'g', 'Ag', `${'/'.repeat(11)}A`, `${'g'.repeat(300)}A`, '='])(
    '%s is refused',
    (text) => {
      expect(() => readVlq(text)).toThrow(WireFormatError);
    },
  );
});

const writer = new DecimalWriter();

function vlqText(numbers: readonly number[]): string {
  for (const number of numbers) writer.vlq(number);
  return Buffer.from(writer.take()).toString();
}
