import { Command } from 'commander';
import { soloSettings } from '#services/solo/config.ts';
import { runSolo } from '#services/solo/service.ts';
import type { CommandOutput, Environment } from './command-output.ts';
import { environmentWith, settingOptions } from './setting-options.ts';

/** Everything in one process. Each setting is a flag too. */
export function soloCommand(
  environment: Environment,
  { out }: CommandOutput,
  finish: (code: number) => void,
): Command {
  const command = new Command('solo').description(
    'Ingest, predict, train and serve in one process, with a simulated market and a dashboard, until Ctrl+C.',
  );
  for (const option of settingOptions(soloSettings)) command.addOption(option);
  return command.action(async (flags: Readonly<Record<string, string>>) => {
    finish(await runSolo(environmentWith(environment, soloSettings, flags), out));
  });
}
