import { PipelineError } from '../errors.ts';

/** Settings are wrong; `details.problems` lists all of them. Reaction: tell the operator, exit with 2. */
export class SettingsError extends PipelineError {
  override readonly code = 'SETTINGS_INVALID';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(
      `${problems.length} ${problems.length === 1 ? 'setting is' : 'settings are'} wrong:\n${problems.map((problem) => `  ${problem}`).join('\n')}`,
      { problems },
    );
    this.problems = problems;
  }
}
