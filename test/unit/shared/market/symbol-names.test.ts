import fc from 'fast-check';
import { expect, test } from 'vitest';
import { InvalidSymbolError } from '#shared/market/symbol.ts';
import { SymbolNames } from '#shared/market/symbol-names.ts';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

test('names come back as they are spelt, first and again, also when there are more of them than places', () => {
  const names = new SymbolNames();
  for (let pass = 0; pass < 2; pass += 1) {
    for (let k = 0; k < 10_000; k += 1) {
      const bytes = bytesOf(`..venue:a${k}..`);
      expect(names.read(bytes, 2, bytes.length - 4)).toBe(`venue:a${k}`);
    }
  }
});

test('bytes that are no symbol are refused every time, whatever was read before', () => {
  const names = new SymbolNames();
  const legal = /^[A-Za-z0-9._:/-]{1,64}$/;
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 70 }), (bytes) => {
      const text = new TextDecoder('latin1').decode(bytes);
      for (let pass = 0; pass < 2; pass += 1) {
        if (legal.test(text)) expect(names.read(bytes, 0, bytes.length)).toBe(text);
        else expect(() => names.read(bytes, 0, bytes.length)).toThrow(InvalidSymbolError);
      }
    }),
  );
  expect(() => names.read(bytesOf('ü'), 0, 2)).toThrow(InvalidSymbolError);
  expect(() => names.read(bytesOf(''), 0, 0)).toThrow(InvalidSymbolError);
});
