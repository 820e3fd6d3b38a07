import fc from 'fast-check';
import { expect, test } from 'vitest';
import { editDistance, nearestName } from '#shared/runtime/nearest-name.ts';

test('the distances of known pairs', () => {
  expect(editDistance('kitten', 'sitting')).toBe(3);
  expect(editDistance('', 'abc')).toBe(3);
  expect(editDistance('same', 'same')).toBe(0);
});

test('edit distance is symmetric and at most the longer length', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (a, b) => {
      const distance = editDistance(a, b);
      expect(distance).toBe(editDistance(b, a));
      expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length));
    }),
  );
});

test('a far name is nobody’s slip', () => {
  expect(nearestName('--forecast', ['--forecasts', '--from'])).toBe('--forecasts');
  expect(nearestName('--zzzzzz', ['--forecasts', '--from'])).toBeNull();
  expect(nearestName('x', [])).toBeNull();
});
