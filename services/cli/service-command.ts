import { Command } from 'commander';
import { distributedSettings } from '#services/distributed/config.ts';
import { runService } from '#services/distributed/service.ts';
import type { CommandOutput, Environment } from './command-output.ts';
import { environmentWith, settingOptions } from './setting-options.ts';

const DESCRIPTIONS = {
  ingest: 'Bring ticks from their source to Kafka',
  predict: 'Fold ticks into forecasts; as many of these processes as partitions share the work',
  train: 'Train new weights from the same log; one process',
  serve: 'Forecasts from Kafka to WebSocket, HTTP and the dashboard',
} as const;

/** One service as a process of its own, as services/<name>/main.ts runs it. Its settings are flags too. */
export function serviceCommand(
  name: keyof typeof DESCRIPTIONS,
  environment: Environment,
  { out }: CommandOutput,
  finish: (code: number) => void,
): Command {
  const command = new Command(name).description(`${DESCRIPTIONS[name]}, until Ctrl+C.`);
  const { ingest, predict, train, serve, ...common } = distributedSettings;
  const schema = { ...common, own: { ingest, predict, train, serve }[name] };
  for (const option of settingOptions(schema)) command.addOption(option);
  return command.action(async (flags: Readonly<Record<string, string>>) => {
    finish(await runService(name, environmentWith(environment, schema, flags), out));
  });
}
