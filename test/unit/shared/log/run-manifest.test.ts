import { expect, test } from 'vitest';
import { decodeManifest, encodeManifest } from '#shared/log/run-manifest.ts';

test('a manifest comes back as it was; one without a run is corrupt', () => {
  const manifest = {
    format: 1,
    run: 'r',
    partitionCount: 4,
    partitioner: 'murmur2',
    settings: { horizons: [1, 10], nested: { a: 'b' } },
  };
  expect(decodeManifest(encodeManifest(manifest))).toEqual(manifest);
  const corrupt = expect.objectContaining({ code: 'BYTES_CORRUPT' });
  for (const broken of [null, {}, { run: 5, settings: {} }]) {
    expect(() => decodeManifest(encodeManifest(broken as never))).toThrow(corrupt);
  }
});
