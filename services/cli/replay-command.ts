import { Command, Option } from 'commander';
import { type ReplayFlags, replayRequestFrom, replaySettings } from '#services/replay/config.ts';
import { runReplay } from '#services/replay/service.ts';
import { CELL_KINDS } from '#shared/nn/cells/cell-kinds.ts';
import { KERNEL_NAMES } from '#shared/nn/kernels/kernel.ts';
import { readSettings } from '#shared/runtime/environment.ts';
import { pinoLogger } from '#shared/runtime/pino-logger.ts';
import { EXIT_CODES } from '#shared/runtime/report-failure.ts';
import { systemClock } from '#shared/runtime/system-clock.ts';
import type { CommandOutput, Environment } from './command-output.ts';
import { interruptSignal } from './interrupt-signal.ts';

/** Recorded ticks through the live code. */
export function replayCommand(
  environment: Environment,
  output: CommandOutput,
  finish: (code: number) => void,
): Command {
  const command = new Command('replay').description(
    'Send recorded ticks through the live code (same fold, same trainer) and write the forecasts it makes. A replay that was cut off goes on when it is started again with the same arguments.',
  );
  for (const option of [...inputOptions(), ...modelOptions(), ...outputOptions()]) {
    command.addOption(option);
  }
  return command.action(async (flags: ReplayFlags & { readonly json?: true }) => {
    const typed = command.options
      .filter((option) => command.getOptionValueSource(option.attributeName()) === 'cli')
      .map(({ long }) => long ?? '');
    await replay({ flags, typed }, environment, output);
    finish(EXIT_CODES.ok);
  });
}

interface Typed {
  readonly flags: ReplayFlags & { readonly json?: true };
  /** The flags that were typed, without their values. */
  readonly typed: readonly string[];
}

async function replay(
  { flags, typed }: Typed,
  environment: Environment,
  { out, err, isTerminal }: CommandOutput,
): Promise<void> {
  const config = readSettings(replaySettings, environment);
  const request = replayRequestFrom(flags, typed);
  const interrupt = interruptSignal();
  try {
    const result = await runReplay(request, config, {
      clock: systemClock(),
      // A person sees progress and the summary; the events of the services only where something is wrong.
      logger: pinoLogger({ level: config.logLevel === 'info' ? 'error' : config.logLevel }),
      progress: isTerminal ? err : null,
      tell: (lines) => err(`${lines}\n`),
      signal: interrupt.signal,
    });
    if (flags.json) out(`${JSON.stringify(result, plainBigint, 2)}\n`);
  } finally {
    interrupt.close();
  }
}

function plainBigint(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}` : value;
}

function inputOptions(): readonly Option[] {
  return [
    new Option(
      '--input <path>',
      'a .csv or .csv.gz file, or a folder of them, merged by event time; or a recorded log: log:FOLDER (a data folder) or kafka:PREFIX (topics), folded with the switches in it',
    ).makeOptionMandatory(),
    new Option('--layout <layout>', 'one tick per line, or a time column and one per series')
      .choices(['ticks', 'wide'])
      .default('ticks'),
    new Option('--symbol-from <where>', "a symbol's name: in the file, or the file's own name")
      .choices(['column', 'file'])
      .default('column'),
    new Option('--events <kind>', 'the ticks that are forecast; the others feed the features')
      .choices(['trades', 'quotes'])
      .default('trades'),
    new Option('--measure <measure>', 'prices above zero (log returns), or any values')
      .choices(['price', 'value'])
      .default('price'),
    new Option('--bad-rows <what>', 'a row that is no tick ends the replay, or is counted')
      .choices(['fail', 'reject'])
      .default('fail'),
    new Option('--rejects <file>', 'rejected rows as NDJSON; default: beside the forecasts'),
  ];
}

function modelOptions(): readonly Option[] {
  return [
    new Option('--horizons <list>', 'ticks ahead, as 1,10,100 or 1..48').default('1,10,100'),
    new Option(
      '--season-ticks <n>',
      'ticks of one season, as 24 for hours: series of values are then forecast by experts with seasonal lags',
    ),
    new Option(
      '--warm-up <N|P%>',
      "each symbol's first N ticks, or a share of the tape's time; their forecasts are marked and not scored",
    ).default('25%'),
    new Option('--seed <n>', 'of the first weights and all training').default('1'),
    new Option('--cell <kind>', 'the recurrent cell; default: FORETICK_CELL, else lstm').choices(
      CELL_KINDS,
    ),
    new Option(
      '--kernel <name>',
      'default: FORETICK_KERNEL, else wasm; wasm-fma is faster, its digest holds for one CPU family only',
    ).choices(KERNEL_NAMES),
    new Option('--no-train', 'keep the first weights'),
    new Option(
      '--check <what>',
      'change the future and show that no earlier forecast changes',
    ).choices(['look-ahead']),
    new Option('--cut <P%,...>', 'where the check changes the future').default('50%'),
  ];
}

function outputOptions(): readonly Option[] {
  return [
    new Option('--forecasts <file>', 'where to write: .csv, .csv.gz, .ndjson or .parquet'),
    new Option('--columns <which>', 'what to write of each horizon')
      .choices(['point', 'point,quantiles'])
      .default('point,quantiles'),
    new Option('--shape <shape>', 'a row per origin, or per origin and horizon')
      .choices(['wide', 'long'])
      .default('wide'),
    new Option('--fresh', 'start over where an earlier start was cut off'),
    new Option('--keep', 'keep the work folder (log, state, models)'),
    new Option('--json', 'the summary on stdout, as JSON'),
  ];
}
