import { expect, test } from 'vitest';
import {
  choice,
  choices,
  flag,
  integer,
  integers,
  list,
  number,
  readSettings,
  text,
} from '#shared/runtime/environment.ts';
import { SettingsError } from '#shared/runtime/settings-error.ts';
import { settingsTable } from '#shared/runtime/settings-table.ts';

const schema = {
  serve: {
    port: integer('FORETICK_PORT', {
      default: 8080,
      atLeast: 0,
      atMost: 65_535,
      unit: '',
      meaning: 'HTTP and WebSocket port; 0 takes any free one',
    }),
    token: text('FORETICK_TOKEN', { default: '', meaning: 'shared secret', secret: true }),
  },
  rate: number('FORETICK_RATE', { default: 0.5, above: 0, unit: 'per step', meaning: 'step size' }),
  level: choice('FORETICK_LOG_LEVEL', ['info', 'warn'], { default: 'info', meaning: 'how much' }),
  symbols: list('FORETICK_SYMBOLS', { default: ['a:b'], meaning: 'which' }),
  horizons: integers('FORETICK_HORIZONS', {
    default: [1, 10],
    atLeast: 1,
    most: 3,
    unit: 'ticks',
    meaning: 'how far',
  }),
  isOn: flag('FORETICK_ON', { default: false, meaning: 'whether' }),
};

function problemsOf(environment: Record<string, string>): readonly string[] {
  try {
    readSettings(schema, environment);
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
  }
  return [];
}

test('absent and empty variables take their defaults, groups keep their shape', () => {
  expect(readSettings(schema, { FORETICK_RATE: '', PATH: '/bin' })).toEqual({
    serve: { port: 8080, token: '' },
    rate: 0.5,
    level: 'info',
    symbols: ['a:b'],
    horizons: [1, 10],
    isOn: false,
  });
});

test('values are read as their types', () => {
  const config = readSettings(schema, {
    FORETICK_PORT: '0',
    FORETICK_RATE: '1e-3',
    FORETICK_LOG_LEVEL: 'warn',
    FORETICK_SYMBOLS: 'x:y, z',
    FORETICK_HORIZONS: '1,5,25',
    FORETICK_ON: 'true',
  });
  expect(config).toMatchObject({
    serve: { port: 0 },
    rate: 1e-3,
    level: 'warn',
    symbols: ['x:y', 'z'],
    horizons: [1, 5, 25],
    isOn: true,
  });
});

test('every problem is reported at once, a mistyped name with the one that was meant', () => {
  const problems = problemsOf({
    FORETICK_PROT: '80',
    FORETICK_QQQQQQQQQQQQQQQQQ: '1',
    FORETICK_PORT: '80.5',
    FORETICK_RATE: '0',
    FORETICK_LOG_LEVEL: 'loud',
    FORETICK_SYMBOLS: 'a,,b',
    FORETICK_HORIZONS: '1,zero',
    FORETICK_ON: 'yes',
  });
  expect(problems).toEqual([
    'FORETICK_PROT is not a setting; did you mean FORETICK_PORT?',
    'FORETICK_QQQQQQQQQQQQQQQQQ is not a setting',
    'FORETICK_PORT must be a whole number at least 0 and at most 65535, was "80.5"',
    'FORETICK_RATE must be a number above 0, was "0"',
    'FORETICK_LOG_LEVEL must be one of info, warn, was "loud"',
    'FORETICK_SYMBOLS must be texts with commas between, none empty, was "a,,b"',
    'FORETICK_HORIZONS must be at most 3 whole numbers with commas between, each at least 1, was "1,zero"',
    'FORETICK_ON must be true or false, was "yes"',
  ]);
});

test('a number that is no number is refused, whatever Number() thinks of it', () => {
  for (const bad of ['NaN', 'Infinity', '1,5', 'ten', '-1', '1e99']) {
    expect(problemsOf({ FORETICK_PORT: bad }), bad).toHaveLength(1);
  }
});

test('a list of whole numbers takes no fraction, and no more of them than its bound', () => {
  for (const bad of ['1.5', '1,2,3,4', '1..3', '']) {
    const count = bad === '' ? 0 : 1;
    expect(problemsOf({ FORETICK_HORIZONS: bad }), bad).toHaveLength(count);
  }
  expect(readSettings(schema, { FORETICK_HORIZONS: '1, 2,300' }).horizons).toEqual([1, 2, 300]);
});

test('words are taken in their own order, each once, and only those that there are', () => {
  const schema = { one: choices('FORETICK_X', ['a', 'b', 'c'], { default: ['a'], meaning: '' }) };
  expect(readSettings(schema, {}).one).toEqual(['a']);
  expect(readSettings(schema, { FORETICK_X: 'c, a,c' }).one).toEqual(['a', 'c']);
  for (const wrong of ['d', 'a,', 'a b']) {
    expect(() => readSettings(schema, { FORETICK_X: wrong })).toThrow(
      /FORETICK_X must be one or more of a, b, c, with commas between/,
    );
  }
});

test('a secret is named in a message but never shown', () => {
  const secret = {
    key: {
      ...text('FORETICK_KEY', { default: '', meaning: 'key', secret: true }),
      read: () => ({ expected: '32 bytes of hex' }),
    },
  };
  const read = () => readSettings(secret, { FORETICK_KEY: 'hunter2' });
  expect(read).toThrow('FORETICK_KEY must be 32 bytes of hex');
  expect(read).not.toThrow('hunter2');
});

test('the place of the data sets is known although no service reads it', () => {
  expect(problemsOf({ FORETICK_DATASETS: '/somewhere' })).toEqual([]);
});

test('the table has a line per setting with default, unit and bounds', () => {
  const table = settingsTable(schema);
  expect(table.split('\n')).toHaveLength(2 + 7);
  expect(table).toContain('| `FORETICK_RATE` | number | `0.5` | per step | above 0 | step size |');
  expect(table).toContain('| `FORETICK_TOKEN` | text | none (secret) |');
});
