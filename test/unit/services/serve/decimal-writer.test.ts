import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DecimalWriter } from '#services/serve/decimal-writer.ts';

describe('a number written as bytes', () => {
  test.each([
    [0, 3, '0'],
    [-0, 3, '0'],
    [100, 0, '100'],
    [100.5, 3, '100.5'],
    [-0.001, 3, '-0.001'],
    [-0.0001, 3, '0'],
    [99_999.9999, 2, '100000'],
    [12_345_678_901.25, 2, '12345678901.25'],
    [1e-9, 22, '0.000000001'],
    [3e30, 2, '3e+30'],
  ])('%d with at most %i decimals is %s', (value, decimals, text) => {
    expect(written(value, decimals)).toBe(text);
  });

  test('is JSON of the rounded number, whatever it is', () => {
    const values = fc.double({ noNaN: true, noDefaultInfinity: true, min: -9e8, max: 9e8 });
    fc.assert(
      fc.property(values, fc.integer({ min: 0, max: 7 }), (value, decimals) => {
        const scale = 10 ** decimals;
        const rounded = Math.round(Math.abs(value) * scale) / scale;
        expect(Math.abs(JSON.parse(written(value, decimals)))).toBe(rounded);
      }),
      { numRuns: 2_000 },
    );
  });

  test('may be followed by any number of others', () => {
    const writer = new DecimalWriter();
    for (let k = 0; k < 3_000; k += 1) {
      writer.text(k === 0 ? '[' : ',');
      writer.number(k / 8, 3, 1_000);
    }
    writer.text(']');
    const numbers = JSON.parse(Buffer.from(writer.take()).toString());
    expect(numbers).toEqual(Array.from({ length: 3_000 }, (_, k) => k / 8));
    expect(writer.take()).toHaveLength(0);
  });
});

function written(value: number, decimals: number): string {
  const writer = new DecimalWriter();
  writer.number(value, decimals, Number(`1e${decimals}`));
  return Buffer.from(writer.take()).toString();
}
