import { expect, test } from 'vitest';
import { readableLine } from '#shared/runtime/readable-line.ts';

test('an event is one line: time, level, text, fields', () => {
  const json = JSON.stringify({
    level: 'info',
    time: '2024-08-08T01:02:03.456Z',
    event: 'tick rejected',
    symbol: 'a:b',
    note: 'two words',
    count: 3,
  });
  const line = readableLine(json);
  expect(line).toContain('01:02:03.456');
  expect(line).toContain('tick rejected symbol=a:b note="two words" count=3\n');
  expect(line.trimEnd()).not.toContain('\n');
});

test('an error is shown with its stack', () => {
  const error = { message: 'broken', stack: 'Error: broken\n    at here' };
  expect(readableLine(JSON.stringify({ level: 'error', event: 'failed', error }))).toContain(
    'at here',
  );
});
