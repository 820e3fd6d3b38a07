import { expect, test } from 'vitest';
import { FloatPieces } from '#shared/numeric/float-pieces.ts';

test('every piece keeps the numbers it was given, however many follow and whatever becomes of their source', () => {
  const pieces = new FloatPieces(3);
  const source = new Float32Array(5);
  const kept: { readonly piece: Float32Array; readonly k: number }[] = [];
  for (let k = 0; k < 1_000; k += 1) {
    source.set([-1, k, k + 0.5, -k, -1]);
    kept.push({ piece: pieces.copyOf(source, 1), k });
  }
  for (const { piece, k } of kept) expect([...piece]).toEqual([k, k + 0.5, -k]);
});
