import { expect, test } from 'vitest';
import { PipelineError } from '#shared/errors.ts';
import { reportFailure } from '#shared/runtime/report-failure.ts';
import { SettingsError } from '#shared/runtime/settings-error.ts';

class TapeTornError extends PipelineError {
  override readonly code = 'TAPE_TORN';
}

class LogRefusedError extends PipelineError {
  override readonly code = 'LOG_REFUSED';
}

class TapeArgumentError extends PipelineError {
  override readonly code = 'TAPE_ARGUMENT';
}

function reported(error: unknown): { code: number; text: string } {
  let text = '';
  const code = reportFailure(error, (more) => {
    text += more;
  });
  return { code, text };
}

test('an error of ours is one line with its code, then its details, and exit code 1', () => {
  const error = new TapeTornError('the tape must be whole, was torn', { at: 3n, file: 'a.csv' });
  expect(reported(error)).toEqual({
    code: 1,
    text: 'foretick: TAPE_TORN the tape must be whole, was torn\n  at: "3"\n  file: a.csv\n',
  });
});

test('wrong settings and wrong arguments are misuse: exit code 2', () => {
  const wrong = reported(new SettingsError(['FORETICK_A must be a number', 'FORETICK_B too']));
  expect(wrong.code).toBe(2);
  expect(wrong.text).toContain('  FORETICK_A must be a number\n  FORETICK_B too');
  expect(reported(new TapeArgumentError('no')).code).toBe(2);
});

test('so is a login that was refused: no supervisor starts it again and again', () => {
  expect(reported(new LogRefusedError('no')).code).toBe(2);
});

test('a fault shows its stack and says whose fault it is', () => {
  const { code, text } = reported(new TypeError('x is undefined'));
  expect(code).toBe(1);
  expect(text).toContain('a fault of foretick itself');
  expect(text).toContain('report-failure.test.ts');
});
