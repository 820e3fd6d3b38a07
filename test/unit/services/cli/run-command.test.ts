import { expect, test } from 'vitest';
import { heardCommand } from '#test/builders/heard-command.ts';

test('--help is on every command and is no failure', async () => {
  for (const args of [
    '--help',
    'solo --help',
    'ingest --help',
    'predict --help',
    'train --help',
    'serve --help',
    'topics --help',
    'state show --help',
    'model list --help',
    'replay --help',
    'diagnose --help',
  ]) {
    const { code, out } = await heardCommand(args);
    expect(code, args).toBe(0);
    expect(out, args).toContain('Usage: foretick');
  }
});

test('the help lists the commands that work, and no others', async () => {
  const { out } = await heardCommand('--help');
  const commands = [...out.split('Commands:')[1].matchAll(/^ {2}(\w+)/gm)].map(([, name]) => name);
  const services = ['ingest', 'predict', 'train', 'serve'];
  const rest = ['topics', 'state', 'model', 'replay', 'diagnose'];
  expect(commands).toEqual(['solo', ...services, ...rest]);
});

test.each([
  ['', 'Usage: foretick'],
  ['frobnicate', "unknown command 'frobnicate'"],
  ['replay', "required option '--input <path>' not specified"],
  ['replay --input x --frecasts y', "unknown option '--frecasts'"],
  ['replay --input x --frecasts y', '(Did you mean --forecasts?)'],
  ['replay --input x --layout tall', 'Allowed choices are ticks, wide'],
  ['replay --input x extra', 'too many arguments'],
  ['replay --input x --horizons 10s', 'REPLAY_ARGUMENT horizons in event time are not supported'],
  ['replay --input x --warm-up some', 'REPLAY_ARGUMENT warm-up is a whole number'],
  ['replay --input x --seed -1', 'REPLAY_ARGUMENT a seed is a whole number'],
  ['replay --input x --forecasts out.xlsx', 'REPLAY_ARGUMENT a forecast file ends in'],
  [
    'replay --input x --forecasts /nowhere/out.csv',
    'REPLAY_ARGUMENT the folder of /nowhere/out.csv',
  ],
  ['solo --port eighty', 'FORETICK_PORT must be a whole number'],
])('"foretick %s" is misuse: %s', async (args, message) => {
  const { code, err } = await heardCommand(args);
  expect(code).toBe(2);
  expect(err).toContain(message);
});

test('unknown and wrong FORETICK_ variables are misuse, all reported together', async () => {
  const environment = { FORETICK_PROT: '80', FORETICK_PARTITIONS: 'many' };
  for (const args of ['replay --input x', 'solo', 'predict', 'topics', 'state show']) {
    const { code, err } = await heardCommand(args, environment);
    expect(code).toBe(2);
    expect(err).toContain('FORETICK_PROT is not a setting; did you mean FORETICK_PORT?');
    expect(err).toContain('FORETICK_PARTITIONS must be a whole number');
  }
});

test('a file that is not there fails with one clear line, exit code 1', async () => {
  const { code, err } = await heardCommand('replay --input /nowhere/ticks.csv');
  expect(code).toBe(1);
  expect(err.split('\n')[0]).toBe(
    'foretick: SOURCE_INPUT input must be a file or folder, /nowhere/ticks.csv was not found',
  );
});
