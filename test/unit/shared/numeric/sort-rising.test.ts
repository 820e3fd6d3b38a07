import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sortRising } from '#shared/numeric/sort-rising.ts';

const anyFloat = fc.oneof(
  fc.float(),
  fc.constantFrom(0, -0, Number.NaN, Infinity, -Infinity, 1, 1, 1.5),
);

function bitsOf(values: Float32Array): Uint32Array {
  return new Uint32Array(values.buffer, values.byteOffset, values.length);
}

test('a stretch comes out as the built-in sort leaves it, bit for bit, and its neighbours stay', () => {
  fc.assert(
    fc.property(fc.array(anyFloat, { maxLength: 30 }), fc.nat(), fc.nat(), (numbers, a, b) => {
      const [from, to] = [a % (numbers.length + 1), b % (numbers.length + 1)].toSorted(
        (one, other) => one - other,
      );
      const values = Float32Array.from(numbers);
      const expected = values.slice();
      expected.subarray(from, to).sort();
      sortRising(values, from, to);
      expect(bitsOf(values)).toEqual(bitsOf(expected));
    }),
    { numRuns: 2_000 },
  );
});
