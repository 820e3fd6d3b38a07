import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  CheckpointDigest,
  EMPTY_DIGEST,
  hashOfField,
} from '#shared/state/redis/checkpoint-digest.ts';

const fields = fc.dictionary(fc.constantFrom('s:a', 's:b', 's:c', 'part'), fc.uint8Array());
const hashesOf = (values: Readonly<Record<string, Uint8Array>>): Map<string, bigint> =>
  new Map(Object.entries(values).map(([name, bytes]) => [name, hashOfField(name, bytes)]));

test('a digest kept over many commits is that of what they leave', () => {
  fc.assert(
    fc.property(fc.array(fields, { maxLength: 8 }), (commits) => {
      const kept = new CheckpointDigest();
      for (const commit of commits) {
        const foretold = kept.with(hashesOf(commit));
        kept.set(hashesOf(commit));
        expect(`${kept}`).toBe(foretold);
        expect(foretold).toMatch(/^[0-9a-f]{32}$/);
      }
      const left = Object.assign({}, ...commits) as Record<string, Uint8Array>;
      expect(`${kept}`).toBe(`${new CheckpointDigest(hashesOf(left))}`);
    }),
  );
});

test('nothing has the digest of nothing, and bytes under another name another digest', () => {
  expect(`${new CheckpointDigest()}`).toBe(EMPTY_DIGEST);
  const bytes = Uint8Array.of(1, 2, 3);
  expect(hashOfField('s:a', bytes)).not.toBe(hashOfField('s:b', bytes));
  expect(hashOfField('s:a', bytes)).not.toBe(hashOfField('s:a', Uint8Array.of(1, 2)));
});

test('the digest of a field is the beginning of its sha256', () => {
  // printf 's:a\0abc' | sha256sum
  expect(hashOfField('s:a', new TextEncoder().encode('abc')).toString(16).padStart(32, '0')).toBe(
    '75218c72d31fc95c07c18560ffc17e0f',
  );
});
