import { expect, test } from 'vitest';
import { wholePower } from '#shared/numeric/whole-power.ts';

test('whole powers are exact where the result is, and close elsewhere', () => {
  expect(wholePower(3, 0)).toBe(1);
  expect(wholePower(3, 33)).toBe(5559060566555523);
  expect(wholePower(-2, 31)).toBe(-2147483648);
  expect(wholePower(0.999, 12345) / 0.999 ** 12345).toBeCloseTo(1, 12);
  expect(wholePower(0.5, 1e9)).toBe(0);
});
