import { expect, test } from 'vitest';
import { axisTime, momentText, msOf } from '#services/serve/dashboard/time-text.ts';

const AT = '1723075200123456789';

test('a moment is as exact as the ticks are close', () => {
  expect(momentText(AT, 'UTC', 40)).toMatch(/^00:00:00[.,]123$/);
  expect(momentText(AT, 'UTC', 5_000)).toBe('00:00:00');
  expect(momentText(AT, 'UTC', 3_600_000)).toMatch(/8.*00:00/);
});

test('an axis tells the day once it spans more than one', () => {
  expect(axisTime(AT, 'UTC', 60_000)).toBe('00:00:00');
  expect(axisTime(AT, 'UTC', 7_200_000)).toBe('00:00');
  expect(axisTime(AT, 'UTC', 200_000_000)).toMatch(/Aug.*00:00|8.*00:00/);
});

test('nanoseconds become milliseconds', () => {
  expect(msOf(AT)).toBe(1_723_075_200_123);
  expect(msOf('0')).toBe(0);
});
