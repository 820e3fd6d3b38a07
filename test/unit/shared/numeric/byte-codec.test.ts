import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CorruptBytesError } from '#shared/errors.ts';
import { ByteReader } from '#shared/numeric/byte-reader.ts';
import { ByteWriter } from '#shared/numeric/byte-writer.ts';

type Field =
  | { readonly kind: 'u8' | 'u16' | 'u32' | 'f32' | 'f64'; readonly value: number }
  | { readonly kind: 'u64' | 'i64'; readonly value: bigint }
  | { readonly kind: 'text16'; readonly value: string }
  | { readonly kind: 'f32s'; readonly value: Float32Array }
  | { readonly kind: 'bytes'; readonly value: Uint8Array };

const aField: fc.Arbitrary<Field> = fc.oneof(
  fc.record({ kind: fc.constant('u8' as const), value: fc.integer({ min: 0, max: 0xff }) }),
  fc.record({ kind: fc.constant('u16' as const), value: fc.integer({ min: 0, max: 0xffff }) }),
  fc.record({ kind: fc.constant('u32' as const), value: fc.integer({ min: 0, max: 0xffffffff }) }),
  fc.record({ kind: fc.constant('f32' as const), value: fc.float() }),
  fc.record({ kind: fc.constant('f64' as const), value: fc.double() }),
  fc.record({
    kind: fc.constant('u64' as const),
    value: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
  }),
  fc.record({
    kind: fc.constant('i64' as const),
    value: fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }),
  }),
  fc.record({
    kind: fc.constant('text16' as const),
    value: fc.string({ unit: 'grapheme', maxLength: 50 }),
  }),
  fc.record({
    kind: fc.constant('text16' as const),
    value: fc.string({ unit: 'grapheme-ascii', maxLength: 100 }),
  }),
  fc.record({ kind: fc.constant('f32s' as const), value: fc.float32Array({ maxLength: 20 }) }),
  fc.record({ kind: fc.constant('bytes' as const), value: fc.uint8Array({ maxLength: 50 }) }),
);

function write(writer: ByteWriter, { kind, value }: Field): void {
  (writer[kind] as (v: Field['value']) => void).call(writer, value);
}

function read(reader: ByteReader, { kind, value }: Field): Field['value'] {
  if (kind === 'bytes') return reader.bytes(value.length);
  return kind === 'f32s' ? reader.f32s(value.length) : reader[kind]();
}

function encode(fields: readonly Field[], capacity?: number): Uint8Array {
  const writer = new ByteWriter(capacity);
  for (const field of fields) write(writer, field);
  expect(writer.length).toBe(writer.finish().length);
  expect(writer.written()).toEqual(writer.finish());
  return writer.finish();
}

test('any fields come back in order, from any offset of a larger buffer', () => {
  fc.assert(
    fc.property(fc.array(aField), fc.integer({ min: 1, max: 64 }), (fields, capacity) => {
      const bytes = encode(fields, capacity);
      const shifted = new Uint8Array(bytes.length + 3);
      shifted.set(bytes, 3);
      const reader = new ByteReader(shifted.subarray(3), 'a test');
      for (const field of fields) expect(read(reader, field)).toEqual(field.value);
      reader.expectEnd();
    }),
  );
});

test('any truncation is found', () => {
  fc.assert(
    fc.property(fc.array(aField, { minLength: 1 }), fc.nat(), (fields, cut) => {
      const bytes = encode(fields);
      fc.pre(bytes.length > 0);
      const reader = new ByteReader(bytes.subarray(0, cut % bytes.length), 'a test');
      expect(() => {
        for (const field of fields) read(reader, field);
      }).toThrow(CorruptBytesError);
    }),
  );
});

test('bytes that are left over are found, and the error says of what', () => {
  const reader = new ByteReader(Uint8Array.of(1, 2), 'a short record');
  reader.u8();
  expect(reader.remaining).toBe(1);
  expect(() => reader.expectEnd()).toThrow('a short record must end at byte 1, was 2 bytes long');
});

test('a number outside its field is refused instead of wrapped', () => {
  const writer = new ByteWriter();
  expect(() => writer.u8(256)).toThrow(RangeError);
  expect(() => writer.u16(-1)).toThrow(RangeError);
  expect(() => writer.u32(1.5)).toThrow(RangeError);
  expect(() => writer.u64(1n << 64n)).toThrow(RangeError);
  expect(() => writer.i64(1n << 63n)).toThrow(RangeError);
  expect(() => writer.text16('x'.repeat(70_000))).toThrow(RangeError);
  expect(writer.length).toBe(0);
});

test('bytes are little-endian, and what was finished does not change with the writer', () => {
  const writer = new ByteWriter();
  writer.u32(0x01020304);
  const first = writer.finish();
  writer.reset();
  writer.u16(0xffff);
  expect([...first]).toEqual([4, 3, 2, 1]);
  expect([...writer.finish()]).toEqual([255, 255]);
});

test('a text that is no UTF-8 is corrupt', () => {
  const reader = new ByteReader(Uint8Array.of(2, 0, 0xc3, 0x28), 'a test');
  expect(() => reader.text16()).toThrow(CorruptBytesError);
});
