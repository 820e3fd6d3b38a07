import fc from 'fast-check';
import { expect, test } from 'vitest';
import { murmur2, partitionOf } from '#shared/log/partitioner.ts';

// From org.apache.kafka.common.utils.UtilsTest.testMurmur2 of Apache Kafka.
test.each([
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ['abc', 479470107],
])('murmur2 of %s is what Kafka says', (text, hash) => {
  expect(murmur2(new TextEncoder().encode(text))).toBe(hash);
});

test('a negative hash loses its sign bit, as in the default partitioner of Kafka', () => {
  // Utils.toPositive(-973932308) = 1173551340; that modulo 7 is 3, modulo 16 is 12.
  expect(partitionOf('21', 7)).toBe(3);
  expect(partitionOf('21', 16)).toBe(12);
  expect(partitionOf('abc', 16)).toBe(479_470_107 % 16);
});

test('every group has a partition, always the same one', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme' }),
      fc.integer({ min: 1, max: 64 }),
      (group, count) => {
        const partition = partitionOf(group, count);
        expect(Number.isInteger(partition) && partition >= 0 && partition < count).toBe(true);
        expect(partitionOf(group, count)).toBe(partition);
      },
    ),
  );
});

test('four partitions share many groups about evenly', () => {
  const counts = [0, 0, 0, 0];
  for (let k = 0; k < 4_000; k++) counts[partitionOf(`venue:symbol-${k}`, 4)]++;
  // Four standard deviations of a fair split.
  for (const count of counts) expect(Math.abs(count - 1_000)).toBeLessThan(110);
});
