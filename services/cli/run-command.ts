import { Command, CommanderError } from 'commander';
import { EXIT_CODES, reportFailure } from '#shared/runtime/report-failure.ts';
import { type CommandOutput, type Environment, processOutput } from './command-output.ts';
import { diagnoseCommand } from './diagnose-command.ts';
import { modelCommand } from './model-command.ts';
import { replayCommand } from './replay-command.ts';
import { serviceCommand } from './service-command.ts';
import { soloCommand } from './solo-command.ts';
import { stateCommand } from './state-command.ts';
import { topicsCommand } from './topics-command.ts';

/** Runs one command of the command line to its end. @returns the exit code: 0 ok, 1 failed, 2 usage, 3 threshold not met */
export async function runCommand(
  args: readonly string[],
  environment: Environment,
  output: CommandOutput = processOutput(),
): Promise<number> {
  let exitCode: number = EXIT_CODES.ok;
  const finish = (code: number): void => {
    exitCode = code;
  };
  const program = new Command('foretick')
    .description('Real-time forecasts for ticks, learnt as they come.')
    .helpCommand(false)
    .addCommand(soloCommand(environment, output, finish))
    .addCommand(serviceCommand('ingest', environment, output, finish))
    .addCommand(serviceCommand('predict', environment, output, finish))
    .addCommand(serviceCommand('train', environment, output, finish))
    .addCommand(serviceCommand('serve', environment, output, finish))
    .addCommand(topicsCommand(environment, output, finish))
    .addCommand(stateCommand(environment, output))
    .addCommand(modelCommand(environment, output))
    .addCommand(replayCommand(environment, output, finish))
    .addCommand(diagnoseCommand(output, finish));
  for (const command of withAll(program)) {
    command
      .exitOverride()
      .configureOutput({ writeOut: output.out, writeErr: output.err })
      .showHelpAfterError('(--help says more)');
  }
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) {
      return error.exitCode === 0 ? EXIT_CODES.ok : EXIT_CODES.usage;
    }
    return reportFailure(error, output.err);
  }
}

/** A command and those below it. */
function withAll(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(withAll)];
}
