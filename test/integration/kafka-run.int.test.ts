import { randomUUID } from 'node:crypto';
import kafkajs, { type Admin } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { EventLog } from '#shared/log/event-log.ts';
import { findKafkaLog, type KafkaLogOptions, openKafkaLog } from '#shared/log/kafka/kafka-log.ts';
import { mendKafkajs } from '#shared/log/kafka/mend-kafkajs.ts';
import { findShared, whyNone } from '#test/brokers/broker-source.ts';
import { sharedKafka } from '#test/brokers/brokers.ts';

const missing = whyNone(findShared('kafka'));
const skipped = missing === null ? '' : ` (skipped: ${missing})`;
const settings = { horizons: [1, 10], foldVersion: 1 };
const mismatch = (message: RegExp) =>
  expect.objectContaining({ code: 'LOG_MISMATCH', message: expect.stringMatching(message) });

let brokers: readonly string[];
let admin: Admin;

beforeAll(async () => {
  if (missing !== null) return;
  brokers = await sharedKafka();
  mendKafkajs();
  const { Kafka, logLevel } = kafkajs;
  admin = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
});

afterAll(() => admin?.disconnect());

/** A run under a prefix of its own, and how processes open it. */
class Run {
  readonly prefix = `run-${randomUUID()}`;

  async open(over: Partial<KafkaLogOptions> = {}): Promise<EventLog> {
    const { prefix } = this;
    const log = await openKafkaLog({ brokers, prefix, partitionCount: 3, settings, ...over });
    onTestFinished(() => log.close());
    return log;
  }

  async remove(...topics: readonly string[]): Promise<void> {
    await admin.deleteTopics({ topics: topics.map((topic) => `${this.prefix}.${topic}`) });
  }
}

describe.skipIf(missing !== null)(`a run on Kafka${skipped}`, () => {
  test('begun by many processes at once is one run', async () => {
    const run = new Run();
    const logs = await Promise.all(Array.from({ length: 4 }, () => run.open()));
    expect(new Set(logs.map((log) => log.run)).size).toBe(1);
    expect((await run.open()).run).toBe(logs[0].run);
  });

  test('begun at once with two kinds of settings is that of one, and the others are refused', async () => {
    const run = new Run();
    const other = { ...settings, horizons: [1, 5] };
    const opened = await Promise.allSettled([
      run.open(),
      run.open({ settings: other }),
      run.open(),
      run.open({ settings: other }),
    ]);
    const [one, two] = opened.map(({ status }) => status);
    expect([one, two].sort()).toEqual(['fulfilled', 'rejected']);
    expect(opened.map(({ status }) => status)).toEqual([one, two, one, two]);
    const refused = opened.find((outcome) => outcome.status === 'rejected');
    expect(refused?.reason).toEqual(mismatch(/horizons must be \[1,(5|10)\], was \[1,(5|10)\]/));
  });

  test('refuses other settings, partitions and builds, and says what was expected and found', async () => {
    const run = new Run();
    await run.open();
    const refused: readonly (readonly [Partial<KafkaLogOptions>, RegExp])[] = [
      [{ settings: { ...settings, foldVersion: 2 } }, /foldVersion must be 2, was 1/],
      [{ settings: { ...settings, cell: 'gru' } }, /cell must be "gru", was absent/],
      [{ partitionCount: 4 }, /ticks must have 4 partitions, was 3/],
    ];
    for (const [over, message] of refused) {
      await expect(run.open(over)).rejects.toEqual(mismatch(message));
    }
  });

  test('is found by its readers with all that it has pinned; a prefix without one is refused and makes no topic', async () => {
    const run = new Run();
    const { run: id } = await run.open();
    const found = await findKafkaLog({ brokers, prefix: run.prefix });
    onTestFinished(() => found.log.close());
    expect(found.log.partitionCount).toBe(3);
    expect(found.manifest).toMatchObject({ run: id, partitioner: 'murmur2', settings });

    const { prefix } = new Run();
    await expect(findKafkaLog({ brokers, prefix })).rejects.toEqual(mismatch(/must be there/));
    expect((await admin.listTopics()).filter((name) => name.startsWith(prefix))).toEqual([]);
  });

  test.each(['ticks', 'forecasts', 'models'])(
    'whose topic %s was deleted is refused and not made anew',
    async (topic) => {
      const run = new Run();
      await run.open();
      await run.remove(topic);
      const again = mismatch(new RegExp(`${topic} must be topic .* of run .*, was deleted;`));
      await expect(run.open()).rejects.toEqual(again);
      await expect(run.open()).rejects.toEqual(again);
    },
  );

  test('whose ticks were made again by somebody else is refused as another life of the topic', async () => {
    const run = new Run();
    await run.open();
    await run.remove('ticks');
    await admin.createTopics({ topics: [{ topic: `${run.prefix}.ticks`, numPartitions: 3 }] });
    await expect(run.open()).rejects.toEqual(mismatch(/was deleted and made again as/));
  });

  test('whose manifest is gone, with ticks, is refused; without ticks it begins anew', async () => {
    const run = new Run();
    const log = await run.open();
    await run.remove('manifest');
    await run.open({ settings: { ...settings, horizons: [2] } });
    await run.remove('manifest');
    await log.append('ticks', 1, [Uint8Array.of(1)]);
    await expect(run.open()).rejects.toEqual(mismatch(/manifest must hold the manifest/));
  });

  test('all of whose topics were deleted begins anew, as another run', async () => {
    const run = new Run();
    const { run: before } = await run.open();
    await run.remove('ticks', 'forecasts', 'scores', 'models', 'rejects', 'manifest');
    const after = await run.open({ settings: {} });
    expect(after.run).not.toBe(before);
  });

  test.each([
    ['cleanup.policy', 'compact', 'delete'],
    ['retention.ms', '1000', '-1'],
    ['retention.bytes', '1000000', '-1'],
    ['unclean.leader.election.enable', 'true', 'false'],
    ['max.message.bytes', '1000000', '9437184'],
  ])('with %s %s is refused, as records could be lost or refused', async (name, value, wanted) => {
    const run = new Run();
    await run.open();
    const { ConfigResourceTypes } = kafkajs;
    const configEntries = [{ name, value }];
    await admin.alterConfigs({
      validateOnly: false,
      resources: [{ type: ConfigResourceTypes.TOPIC, name: `${run.prefix}.ticks`, configEntries }],
    });
    const message = new RegExp(`${name.replaceAll('.', '\\.')} must be ${wanted}, was ${value}`);
    await expect(run.open()).rejects.toEqual(mismatch(message));
  });
});
