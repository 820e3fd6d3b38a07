import { Command } from 'commander';
import { distributedSettings, kafkaAccessOf } from '#services/distributed/config.ts';
import type { EventLog } from '#shared/log/event-log.ts';
import { findKafkaLog } from '#shared/log/kafka/kafka-log.ts';
import { readSettings } from '#shared/runtime/environment.ts';
import type { SymbolState } from '#shared/state/partition-commit.ts';
import { openRedisCommit, type RedisCommit } from '#shared/state/redis/redis-commit.ts';
import { StateDigest } from '#shared/state/state-digest.ts';
import { StateConflictError } from '#shared/state/state-errors.ts';
import type { CommandOutput, Environment } from './command-output.ts';
import { environmentWith, impatient, settingOptions } from './setting-options.ts';
import { textTable } from './text-table.ts';

/** A live run saves about once a second; reading a partition takes less, so that few attempts are in vain. */
const ATTEMPTS = 20;

interface PartitionReport {
  readonly partition: number;
  /** Offset of the first tick that the state does not contain; null where nothing was saved. */
  readonly next: bigint | null;
  /** Ticks on the log behind it. */
  readonly behind: bigint;
  readonly generation: number;
  readonly symbols: number;
  readonly bytes: number;
  /** Of the checkpoint, over all that it holds. */
  readonly checkpoint: string;
}

/** What Redis keeps of a run. */
export function stateCommand(environment: Environment, { out }: CommandOutput): Command {
  const { patienceSeconds, kafka, stores } = distributedSettings;
  const schema = { patienceSeconds, kafka, stores };
  const show = new Command('show')
    .description(
      'Per partition: the position of its state, how many ticks it is behind the log, symbols and bytes; and a digest of all states, equal wherever the same ticks were folded. Every checksum is verified. Claims nothing: a live run goes on.',
    )
    .option('--json', 'for programs');
  for (const option of settingOptions(schema)) show.addOption(option);
  show.action(async (flags: Readonly<Record<string, unknown>>) => {
    const given = environmentWith(impatient(environment), schema, flags);
    const config = readSettings(distributedSettings, given);
    const { prefix } = config.kafka;
    const { log } = await findKafkaLog({ ...kafkaAccessOf(config), prefix });
    const { redisUrl: url, redisPrefix } = config.stores;
    const patienceMs = config.patienceSeconds * 1000;
    const keys = { url, prefix: redisPrefix, run: log.run, log, patienceMs };
    const commit = await openRedisCommit(keys);
    const digest = new StateDigest();
    const partitions: PartitionReport[] = [];
    for (let partition = 0; partition < log.partitionCount; partition++) {
      partitions.push(await reportOf(partition, { log, commit, digest }));
    }
    const report = { run: log.run, digest: `${digest}`, partitions };
    out(`${flags['json'] ? JSON.stringify(report, plainBigint, 2) : textOf(report)}\n`);
    await commit.close();
    await log.close();
  });
  return new Command('state').description('The state of a run on Kafka and Redis').addCommand(show);
}

async function reportOf(
  partition: number,
  ports: { readonly log: EventLog; readonly commit: RedisCommit; readonly digest: StateDigest },
): Promise<PartitionReport> {
  const { log, commit, digest } = ports;
  const { standing, states } = await stillState(commit, partition);
  for (const state of states) digest.add(state);
  const { start, end } = await log.bounds('ticks', partition);
  const next = standing.claim?.next ?? null;
  return {
    ...{ partition, next, behind: end - (next ?? start), checkpoint: standing.digest },
    generation: standing.claim?.generation ?? 0,
    symbols: states.length,
    bytes: states.reduce((sum, { bytes }) => sum + bytes.length, 0),
  };
}

/** All of a partition as of one save. */
async function stillState(commit: RedisCommit, partition: number) {
  for (let attempt = 1; ; attempt++) {
    const standing = await commit.standing(partition);
    const states: SymbolState[] = [];
    try {
      for await (const page of commit.load(partition)) states.push(...page);
      return { standing, states };
    } catch (error) {
      // Saved while it was read: read again.
      if (!(error instanceof StateConflictError) || attempt === ATTEMPTS) throw error;
    }
  }
}

function textOf(report: {
  readonly run: string;
  readonly digest: string;
  readonly partitions: readonly PartitionReport[];
}): string {
  const rows = report.partitions.map((one) => [
    one.partition,
    one.next ?? 'none',
    one.behind,
    one.generation,
    one.symbols,
    one.bytes,
    Math.round(one.bytes / Math.max(1, one.symbols)),
    one.checkpoint.slice(0, 12),
  ]);
  const titles = ['partition', 'next', 'behind', 'generation', 'symbols', 'bytes'];
  const table = textTable([...titles, 'bytes/symbol', 'checkpoint'], rows);
  return `${table}\n\nrun ${report.run}\nstate digest ${report.digest}`;
}

function plainBigint(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}` : value;
}
