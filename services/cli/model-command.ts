import { Command } from 'commander';
import { distributedSettings, kafkaAccessOf } from '#services/distributed/config.ts';
import { decodeModel } from '#shared/forecast/model-artefact.ts';
import type { ModelEvent } from '#shared/forecast/model-event.ts';
import { decodeModelEvent } from '#shared/forecast/model-event-record.ts';
import { findKafkaLog } from '#shared/log/kafka/kafka-log.ts';
import { type ConfigOf, readSettings } from '#shared/runtime/environment.ts';
import { openFileModelStore } from '#shared/state/files/file-model-store.ts';
import { openRedisModelStore } from '#shared/state/redis/redis-model-store.ts';
import { ModelUnknownError } from './command-errors.ts';
import type { CommandOutput, Environment } from './command-output.ts';
import { environmentWith, impatient, settingOptions } from './setting-options.ts';
import { textTable } from './text-table.ts';

const { patienceSeconds, kafka, stores } = distributedSettings;
const schema = { patienceSeconds, kafka, stores };

type Config = ConfigOf<typeof distributedSettings>;
type Flags = Readonly<Record<string, unknown>>;

/** The models of a run. */
export function modelCommand(environment: Environment, { out }: CommandOutput): Command {
  const configOf = (flags: Flags): Config =>
    readSettings(distributedSettings, environmentWith(impatient(environment), schema, flags));
  const list = new Command('list')
    .description('The boundaries of a run with their outcomes, the newest last')
    .action(async (flags: Flags) => {
      const events = await modelEvents(configOf(flags));
      out(`${flags['json'] ? JSON.stringify(events, null, 2) : tableOf(events)}\n`);
    });
  const show = new Command('show')
    .argument('<sha>', 'its sha256, as `model list --json` says it')
    .description('What a model in the store was made for, and from which it descends')
    .action(async (sha: string, flags: Flags) => {
      out(`${JSON.stringify(await described(sha, configOf(flags)), null, 2)}\n`);
    });
  const command = new Command('model').description('The models of a run on Kafka and Redis');
  for (const one of [list, show]) {
    for (const option of settingOptions(schema)) one.addOption(option);
    command.addCommand(one);
  }
  list.option('--json', 'for programs');
  return command;
}

async function modelEvents(config: Config): Promise<readonly ModelEvent[]> {
  const { prefix } = config.kafka;
  const { log } = await findKafkaLog({ ...kafkaAccessOf(config), prefix });
  const { start, end } = await log.bounds('models', 0);
  const events: ModelEvent[] = [];
  for await (const records of log.read('models', 0, start, end)) {
    events.push(...records.map(({ value }) => decodeModelEvent(value)));
  }
  await log.close();
  return events;
}

async function described(sha: string, config: Config) {
  const { modelStore, modelDir, redisUrl: url, redisPrefix: prefix } = config.stores;
  const patienceMs = config.patienceSeconds * 1000;
  const store =
    modelStore === 'files'
      ? openFileModelStore(modelDir)
      : await openRedisModelStore({ url, prefix, patienceMs });
  const bytes = await store.get(sha);
  if (bytes === null) {
    throw new ModelUnknownError(`model ${sha} must be in the store (${modelStore}), was not`, {
      sha,
    });
  }
  const { weights, training, ...model } = decodeModel(bytes);
  return {
    ...{ sha, bytes: bytes.length, parameters: weights.length, updates: training.updates },
    ...model,
  };
}

function tableOf(events: readonly ModelEvent[]): string {
  const rows = events.flatMap((event) => {
    if (event.event === 'boundary') return [];
    const { lossBefore, lossAfter, updates } = event.report;
    const what = event.event === 'switched' ? event.sha.slice(0, 12) : event.reason;
    return [
      [event.id, event.event, lossBefore.toFixed(4), lossAfter.toFixed(4), updates, what] as const,
    ];
  });
  return textTable(['id', 'outcome', 'loss before', 'after', 'updates', 'model or reason'], rows);
}
