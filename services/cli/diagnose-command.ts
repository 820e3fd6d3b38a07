import { Command, Option } from 'commander';
import { type DiagnoseFlags, diagnoseRequestFrom } from '#services/diagnose/config.ts';
import { reportOf, runDiagnose } from '#services/diagnose/service.ts';
import { CELL_KINDS } from '#shared/nn/cells/cell-kinds.ts';
import { EXIT_CODES } from '#shared/runtime/report-failure.ts';
import type { CommandOutput } from './command-output.ts';

/** How gradients vanish, explode and survive in each cell. */
export function diagnoseCommand(output: CommandOutput, finish: (code: number) => void): Command {
  const command = new Command('diagnose').description(
    'Train each recurrent cell to remember a symbol over a long lag, and show with numbers and a picture how far gradients reach: how they vanish and explode in a plain recurrent network, and survive in LSTM and GRU.',
  );
  for (const option of options()) command.addOption(option);
  return command.action(async (flags: DiagnoseFlags & { readonly json?: true }) => {
    await diagnose(flags, output);
    finish(EXIT_CODES.ok);
  });
}

async function diagnose(
  flags: DiagnoseFlags & { readonly json?: true },
  { out, err, isTerminal }: CommandOutput,
): Promise<void> {
  const request = diagnoseRequestFrom(flags);
  const diagnosis = await runDiagnose(request, isTerminal ? (line) => err(`${line}\n`) : () => {});
  out(`${flags.json ? JSON.stringify(diagnosis, null, 2) : reportOf(diagnosis)}\n`);
  if (request.svg !== null && !flags.json) out(`picture: ${request.svg}\n`);
}

function options(): readonly Option[] {
  return [
    new Option('--cell <kind>', 'one cell; default: all but rnn-relu').choices(CELL_KINDS),
    new Option('--lag <steps>', 'steps between a symbol and the question for it').default('100'),
    new Option('--hidden <n>', 'hidden units').default('32'),
    new Option('--layers <n>', 'cells on top of each other').default('1'),
    new Option('--updates <n>', 'optimiser steps of each cell').default('300'),
    new Option('--seed <n>', 'of weights and sequences').default('1'),
    new Option('--svg <file>', 'where to draw the picture').default('diagnose.svg'),
    new Option('--no-svg', 'draw no picture'),
    new Option('--json', 'everything on stdout, as JSON'),
  ];
}
