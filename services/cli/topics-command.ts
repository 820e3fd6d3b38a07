import { Command } from 'commander';
import { distributedSettings, topicOptionsOf } from '#services/distributed/config.ts';
import { checkTopics, makeTopics } from '#shared/log/kafka/kafka-log.ts';
import type { FoundTopic } from '#shared/log/kafka/kafka-topics.ts';
import { readSettings } from '#shared/runtime/environment.ts';
import { EXIT_CODES } from '#shared/runtime/report-failure.ts';
import type { CommandOutput, Environment } from './command-output.ts';
import { environmentWith, impatient, settingOptions } from './setting-options.ts';
import { textTable } from './text-table.ts';

interface Flags extends Readonly<Record<string, unknown>> {
  readonly check?: true;
  readonly json?: true;
}

/** Makes the topics that are missing and says how all of them are. */
export function topicsCommand(
  environment: Environment,
  { out }: CommandOutput,
  finish: (code: number) => void,
): Command {
  const { partitions, patienceSeconds, kafka } = distributedSettings;
  const schema = { partitions, patienceSeconds, kafka };
  const command = new Command('topics')
    .description(
      'Make the topics of a run on Kafka where they are missing, and verify what is there: partitions, retention, and whatever else could lose a record. Exit code 1 where one is wrong.',
    )
    .option('--check', 'verify only; a missing topic is wrong')
    .option('--json', 'for programs');
  for (const option of settingOptions(schema)) command.addOption(option);
  return command.action(async (flags: Flags) => {
    const given = environmentWith(impatient(environment), schema, flags);
    const options = topicOptionsOf(readSettings(distributedSettings, given));
    if (flags.check !== true) await makeTopics(options);
    const found = await checkTopics(options);
    out(`${flags.json ? JSON.stringify(found.map(plain), null, 2) : tableOf(found)}\n`);
    finish(found.every((one) => problemsOf(one).length === 0) ? EXIT_CODES.ok : EXIT_CODES.failed);
  });
}

function problemsOf({ planned, identity, wrong }: FoundTopic): readonly string[] {
  if (identity === null) return ['missing'];
  const settings = wrong.map(
    ({ name, expected, found }) => `${name} must be ${expected}, was ${found}`,
  );
  if (identity.partitions === planned.partitions) return settings;
  return [`partitions must be ${planned.partitions}, was ${identity.partitions}`, ...settings];
}

function tableOf(found: readonly FoundTopic[]): string {
  const rows = found.map((one) => [
    one.planned.name,
    one.identity?.partitions ?? 0,
    one.planned.settings['retention.ms'] ?? '',
    one.identity?.id ?? '',
    problemsOf(one).join('; ') || 'ok',
  ]);
  return textTable(['topic', 'partitions', 'retention.ms', 'id', 'state'], rows);
}

function plain(one: FoundTopic) {
  const { planned, identity } = one;
  const { topic, name, partitions, settings } = planned;
  const found = identity === null ? null : { id: identity.id, partitions: identity.partitions };
  return { topic, name, expected: { partitions, settings }, found, problems: problemsOf(one) };
}
