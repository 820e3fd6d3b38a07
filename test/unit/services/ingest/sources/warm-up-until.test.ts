import { expect, test } from 'vitest';
import { warmUpUntil } from '#services/ingest/sources/warm-up-until.ts';

test('a quarter of the span ends a quarter behind the first event time, to the nanosecond', () => {
  const spanNs = { first: 1_723_161_254_024_619_568n, last: 1_723_161_254_024_619_968n };
  expect(warmUpUntil(spanNs, 25)).toBe('1723161254024619668');
  expect(warmUpUntil(spanNs, 0)).toBe(String(spanNs.first));
  expect(warmUpUntil(spanNs, 100)).toBe(String(spanNs.last));
  expect(warmUpUntil({ first: 0n, last: 1_000_000_000n }, 12.5)).toBe('125000000');
});
