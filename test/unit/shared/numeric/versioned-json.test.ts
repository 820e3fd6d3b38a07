import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CorruptBytesError } from '#shared/errors.ts';
import { decodeVersionedJson, encodeVersionedJson } from '#shared/numeric/versioned-json.ts';

test('any JSON value comes back behind its version byte', () => {
  fc.assert(
    fc.property(
      fc.jsonValue({ noUnicodeString: false }),
      fc.integer({ min: 0, max: 255 }),
      (value, version) => {
        const bytes = encodeVersionedJson(version, value);
        expect(bytes[0]).toBe(version);
        // JSON has no -0.
        expect(decodeVersionedJson(version, bytes, 'a test')).toEqual(
          JSON.parse(JSON.stringify(value)),
        );
      },
    ),
  );
});

test('any truncation of an object, another version and no bytes at all are corrupt', () => {
  const bytes = encodeVersionedJson(3, { text: 'ä', list: [1, 2], inner: { nothing: null } });
  for (let length = 0; length < bytes.length; length++) {
    expect(() => decodeVersionedJson(3, bytes.subarray(0, length), 'a test')).toThrow(
      CorruptBytesError,
    );
  }
  expect(() => decodeVersionedJson(4, bytes, 'a score')).toThrow(
    'a score must have version 4, was 3',
  );
});
