import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { encodeModelEvent } from '#shared/forecast/model-event-record.ts';
import { openKafkaLog } from '#shared/log/kafka/kafka-log.ts';
import { asSymbol } from '#shared/market/symbol.ts';
import { openRedisCommit } from '#shared/state/redis/redis-commit.ts';
import { openRedisModelStore } from '#shared/state/redis/redis-model-store.ts';
import { stateDigest } from '#shared/state/state-digest.ts';
import { findShared, whyNone } from '#test/brokers/broker-source.ts';
import { sharedKafka, sharedRedis } from '#test/brokers/brokers.ts';
import { aModel, someSettings } from '#test/builders/a-model.ts';
import { heardCommand } from '#test/builders/heard-command.ts';

const missing = whyNone(findShared('kafka'), findShared('redis'));
const skipped = missing === null ? '' : ` (skipped: ${missing})`;
const PARTITIONS = 2;

let brokers: readonly string[];
let url: string;

/** The command line with brokers and names of its own. */
function commandLine() {
  const prefix = `cli-${randomUUID()}`;
  const environment = {
    FORETICK_KAFKA_BROKERS: brokers.join(','),
    FORETICK_KAFKA_PREFIX: prefix,
    FORETICK_REDIS_URL: url,
    FORETICK_REDIS_PREFIX: prefix,
    FORETICK_PARTITIONS: `${PARTITIONS}`,
  };
  const run = (args: string) => heardCommand(args, environment);
  return { prefix, run };
}

describe.skipIf(missing !== null)(`the command line${skipped}`, () => {
  beforeAll(async () => {
    [brokers, url] = [await sharedKafka(), await sharedRedis()];
  });

  test('makes topics where they are missing, and says of each how it is', async () => {
    const { prefix, run } = commandLine();
    const before = await run('topics --check');
    expect(before.code).toBe(1);
    expect(before.out.match(/missing/g)).toHaveLength(6);
    expect((await run('topics')).code).toBe(0);
    const { code, out } = await run('topics --check --json');
    expect(code).toBe(0);
    const [ticks] = JSON.parse(out);
    expect(ticks).toMatchObject({
      name: `${prefix}.ticks`,
      found: { partitions: 2 },
      problems: [],
    });

    const other = await run('topics --check --partitions 3 --kafka-retention-hours 500');
    expect(other.code).toBe(1);
    expect(other.out).toContain('partitions must be 3, was 2; retention.ms must be 1800000000');
  });

  test('of a prefix without a run says so, and makes nothing', async () => {
    const { run } = commandLine();
    for (const args of ['state show', 'model list']) {
      const { code, err } = await run(args);
      expect(code).toBe(1);
      expect(err).toContain('LOG_MISMATCH');
    }
    expect((await run('topics --check')).out.match(/missing/g)).toHaveLength(6);
  });

  test('shows position, lag, size and digest of state, and claims nothing', async () => {
    const { prefix, run } = commandLine();
    const log = await openKafkaLog({ brokers, prefix, partitionCount: PARTITIONS });
    const commit = await openRedisCommit({ url, prefix, run: log.run, log });
    onTestFinished(async () => {
      await commit.close();
      await log.close();
    });
    await log.append(
      'ticks',
      1,
      [1, 2, 3].map((n) => Uint8Array.of(n)),
    );
    const { token } = await commit.claim(1, 7);
    const symbols = ['v:a', 'v:b'].map((name) => ({
      symbol: asSymbol(name),
      bytes: new Uint8Array(100),
    }));
    const change = { partitionState: Uint8Array.of(1), symbols, outputs: [] };
    await commit.commit({ partition: 1, token, base: 0n, next: 2n, ...change });

    const { code, out } = await run('state show --json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      run: log.run,
      digest: await stateDigest(commit, PARTITIONS),
      partitions: [
        { partition: 0, next: null, behind: '0', symbols: 0, bytes: 0 },
        { partition: 1, next: '2', behind: '1', generation: 7, symbols: 2, bytes: 200 },
      ],
    });
    expect((await run('state show')).out).toMatch(/ 1 +2 +1 +7 +2 +200 +100 /);
    // The owner still is the owner.
    await commit.commit({ partition: 1, token, base: 2n, next: 3n, ...change });
  });

  test('lists what came of boundaries, and shows a model of the store', async () => {
    const { prefix, run } = commandLine();
    const log = await openKafkaLog({ brokers, prefix, partitionCount: PARTITIONS });
    const models = await openRedisModelStore({ url, prefix });
    onTestFinished(async () => {
      await models.close();
      await log.close();
    });
    const sha = await models.put(aModel(someSettings()).bytes);
    const report = {
      ...{ updates: 24, lossBefore: 0.5, lossAfter: 0.25, gradientNorm: 1, clippedUpdates: 0 },
      ...{ skippedUpdates: 0, gradientReach: [], forgetTicks: null, eventTimeNs: '0' },
    };
    const events = [
      { event: 'boundary', id: 3, ranges: [], seed: 1 },
      { event: 'switched', id: 3, sha, parentSha: sha, report },
    ] as const;
    await log.append('models', 0, events.map(encodeModelEvent));
    const { code, out } = await run('model list');
    expect(code).toBe(0);
    expect(out).toContain(`3  switched  0.5000       0.2500       24  ${sha.slice(0, 12)}`);
    expect(JSON.parse((await run(`model show ${sha}`)).out)).toMatchObject({ sha, updates: 0 });
    const unknown = await run(`model show ${'0'.repeat(64)}`);
    expect([unknown.code, unknown.err]).toEqual([1, expect.stringContaining('MODEL_UNKNOWN')]);
  });
});
