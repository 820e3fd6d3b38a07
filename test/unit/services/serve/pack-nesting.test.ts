import { encode } from '@msgpack/msgpack';
import { describe, expect, test } from 'vitest';
import { isNestedDeeper } from '#services/serve/pack-nesting.ts';
import { Random } from '#shared/nn/random.ts';
import { hostilePack } from '#test/builders/hostile-frames.ts';

describe('the nesting of a MessagePack message', () => {
  test.each([
    ['a number', 1, 0],
    ['an empty array', [], 1],
    ['a map', { a: 1 }, 1],
    ['arrays in an array', [[[1], [2], 3], 2], 3],
    [
      'maps and long leaves',
      { a: { b: [new Uint8Array(70_000), 'x'.repeat(300), 1.5] }, c: [] },
      3,
    ],
    ['an array behind 70,000 numbers', [...Array.from({ length: 70_000 }, () => 1), [[]]], 3],
  ])('of %s', (_name, value, depth) => {
    const bytes = encode(value);
    expect(isNestedDeeper(bytes, depth)).toBe(false);
    if (depth > 0) expect(isNestedDeeper(bytes, depth - 1)).toBe(true);
  });

  test('is that of the value, whatever stands in it', () => {
    const random = new Random(7);
    for (let k = 0; k < 500; k += 1) {
      const value = { a: hostileDepth(random, 0) };
      expect(isNestedDeeper(encode(value), depthOf(value))).toBe(false);
      expect(isNestedDeeper(encode(value), depthOf(value) - 1)).toBe(true);
      expect(isNestedDeeper(hostilePack(random), 16)).toBe(false);
    }
  });

  test('is seen in bytes that end too early, and not in what is no MessagePack', () => {
    expect(isNestedDeeper(new Uint8Array(60_000).fill(0x91), 16)).toBe(true);
    for (let head = 0; head < 256; head += 1) {
      expect(isNestedDeeper(Uint8Array.of(head), 1)).toBe(false);
    }
  });
});

const LEAVES = [
  0,
  -1,
  200,
  70_000,
  1e300,
  0.5,
  null,
  true,
  'x',
  'y'.repeat(40),
  'z'.repeat(70_000),
];

function hostileDepth(random: Random, depth: number): unknown {
  const kind = random.integer(depth > 6 ? 1 : 3);
  const inner = () => hostileDepth(random, depth + 1);
  if (kind === 1) return Array.from({ length: random.integer(4) }, inner);
  if (kind === 2)
    return Object.fromEntries([
      ['a', inner()],
      ['b', inner()],
    ]);
  return LEAVES[random.integer(LEAVES.length)];
}

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}
