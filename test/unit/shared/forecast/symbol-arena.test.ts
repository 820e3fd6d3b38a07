import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CorruptBytesError } from '#shared/errors.ts';
import { SymbolArena } from '#shared/forecast/symbol-arena.ts';
import { asSymbol } from '#shared/market/symbol.ts';

const a = asSymbol('venue:a');

function filled(arena: SymbolArena, row: number, f64: number, f32: number): void {
  for (let k = 0; k < f64; k += 1) arena.f64[arena.f64At(row) + k] = row * 1000 + k / 7;
  for (let k = 0; k < f32; k += 1) arena.f32[arena.f32At(row) + k] = -row - k / 3;
}

test('a symbol survives its bytes, in another row of another arena', () => {
  const slots = fc.integer({ min: 1, max: 12 });
  fc.assert(
    fc.property(slots, slots, fc.nat({ max: 40 }), (f64, f32, before) => {
      const arena = new SymbolArena(f64, f32);
      const row = arena.add(a);
      filled(arena, row, f64, f32);
      const bytes = arena.bytesOf(row);
      const other = new SymbolArena(f64, f32);
      for (let k = 0; k < before; k += 1) other.add(asSymbol(`venue:${k}`));
      const restored = other.restore(a, bytes);
      expect(other.rowOf(a)).toBe(restored);
      expect(other.nameOf(restored)).toBe(a);
      expect(other.bytesOf(restored)).toEqual(bytes);
    }),
  );
});

test('stored bytes may begin at any address', () => {
  const arena = new SymbolArena(3, 3);
  filled(arena, arena.add(a), 3, 3);
  const bytes = arena.bytesOf(0);
  const page = new Uint8Array(bytes.length + 5);
  page.set(bytes, 5);
  const other = new SymbolArena(3, 3);
  other.restore(a, page.subarray(5));
  expect(other.bytesOf(0)).toEqual(bytes);
});

test('growth keeps every row', () => {
  const arena = new SymbolArena(5, 3);
  const stored: Uint8Array[] = [];
  for (let row = 0; row < 100; row += 1) {
    expect(arena.add(asSymbol(`venue:${row}`))).toBe(row);
    filled(arena, row, 5, 3);
    stored.push(arena.bytesOf(row));
  }
  expect(arena.size).toBe(100);
  stored.forEach((bytes, row) => {
    expect(arena.rowOf(asSymbol(`venue:${row}`))).toBe(row);
    expect(arena.bytesOf(row)).toEqual(bytes);
  });
});

test('a fresh row is all zero', () => {
  const arena = new SymbolArena(4, 4);
  filled(arena, arena.add(a), 4, 4);
  const row = arena.add(asSymbol('venue:b'));
  expect(
    arena
      .bytesOf(row)
      .subarray(16)
      .every((byte) => byte === 0),
  ).toBe(true);
});

describe('state that is not ours is refused', () => {
  const arena = new SymbolArena(4, 6);
  filled(arena, arena.add(a), 4, 6);
  const bytes = arena.bytesOf(0);
  const cases: readonly [name: string, bytes: Uint8Array][] = [
    ['no bytes', new Uint8Array(0)],
    ['a byte too few', bytes.subarray(0, -1)],
    ['a byte too many', Uint8Array.of(...bytes, 0)],
    ['another version', Uint8Array.of(bytes[0] + 1, ...bytes.subarray(1))],
    ['as many bytes of other slots', new SymbolArena(5, 4).bytesOf(0)],
  ];
  test.each(cases)('%s', (_, damaged) => {
    const other = new SymbolArena(4, 6);
    expect(() => other.restore(a, damaged)).toThrow(CorruptBytesError);
    expect(other.size).toBe(0);
  });
});
