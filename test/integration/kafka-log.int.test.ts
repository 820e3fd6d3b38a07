import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import kafkajs, { type Admin } from 'kafkajs';
import Connection from 'kafkajs/src/network/connection.js';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { EventLog, LogRecord } from '#shared/log/event-log.ts';
import { type KafkaLogOptions, openKafkaLog } from '#shared/log/kafka/kafka-log.ts';
import { mendKafkajs } from '#shared/log/kafka/mend-kafkajs.ts';
import { findOwn, findShared, whyNone } from '#test/brokers/broker-source.ts';
import { ownKafka, sharedKafka } from '#test/brokers/brokers.ts';
import { eventually, REACH_MS } from '#test/builders/eventually.ts';
import { Heard } from '#test/builders/heard.ts';
import { eventLogContract } from '#test/contract/event-log.contract.ts';
import { many, textOf } from '#test/contract/log-records.ts';

/** Where nobody is to be missed: a member that a busy machine keeps silent for a moment stays one. */
const CALM_SESSION_MS = 15_000;
/** Where somebody is, and waited for. */
const BRIEF_SESSION_MS = 2_000;
const MEMBER = join(import.meta.dirname, 'join-kafka-group.ts');
const reason = whyNone(findShared('kafka'));
let brokers: readonly string[];
let admin: Admin;

const freshPrefix = (): string => `test-${randomUUID()}`;

async function openHere(wish: Partial<KafkaLogOptions> = {}): Promise<EventLog> {
  const log = await openKafkaLog({
    brokers,
    prefix: freshPrefix(),
    partitionCount: 2,
    sessionTimeoutMs: CALM_SESSION_MS,
    ...wish,
  });
  onTestFinished(() => log.close());
  return log;
}

/** Kafka deletes by age and segment; so that a test has exactly the newest, they are cut after each append. */
function retaining(log: EventLog, prefix: string, retainRecords: number): EventLog {
  const append: EventLog['append'] = async (topic, partition, values) => {
    const { first } = await log.append(topic, partition, values);
    const start = first + BigInt(values.length - retainRecords);
    if (start > 0n) await cut(`${prefix}.${topic}`, partition, start);
    return { first };
  };
  return new Proxy(log, {
    get: (_, name) => {
      if (name === 'append') return append;
      const member = log[name as keyof EventLog];
      return typeof member === 'function' ? member.bind(log) : member;
    },
  });
}

async function cut(topic: string, partition: number, start: bigint): Promise<void> {
  // kafkajs looks up the leader before it has asked for it.
  await admin.fetchTopicOffsets(topic);
  await admin.deleteTopicRecords({ topic, partitions: [{ partition, offset: `${start}` }] });
}

describe.skipIf(reason !== null)(`Kafka${reason === null ? '' : ` (skipped: ${reason})`}`, () => {
  beforeAll(async () => {
    brokers = await sharedKafka();
    mendKafkajs();
    const { Kafka, logLevel } = kafkajs;
    admin = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
  });

  afterAll(() => admin.disconnect());

  eventLogContract(
    'the log on Kafka',
    async ({ partitionCount = 2, retainRecords }) => {
      const prefix = freshPrefix();
      const opened: EventLog[] = [];
      const open = async (): Promise<EventLog> => {
        const log = await openKafkaLog({
          brokers,
          prefix,
          partitionCount,
          sessionTimeoutMs: CALM_SESSION_MS,
        });
        opened.push(log);
        return log;
      };
      const log = await open();
      return {
        log: retainRecords === undefined ? log : retaining(log, prefix, retainRecords),
        reopen: async () => {
          await log.close();
          return open();
        },
        close: async () => void (await Promise.all(opened.map((one) => one.close()))),
      };
    },
    { sharesGroups: true, retentionWaits: false },
  );

  topics();
  lostRecords();
  zombies();
  restarts();
});

/** As a connection that is cut after the broker has written and before it is heard. */
function loseEveryThirdReply(): { count: number } {
  const send = Connection.prototype.send;
  const lost = { count: 0 };
  let sent = 0;
  Connection.prototype.send = async function (question): ReturnType<typeof send> {
    const reply = await send.call(this, question);
    if (question.request.apiName !== 'Produce' || ++sent % 3 !== 0) return reply;
    lost.count++;
    throw Object.assign(new Error('the reply was lost'), { name: 'KafkaJSConnectionError' });
  };
  onTestFinished(() => {
    Connection.prototype.send = send;
  });
  return lost;
}

/** What a run has pinned: kafka-run.int.test.ts. */
function topics(): void {
  test('another partition count is refused, with what was expected and what was found', async () => {
    const prefix = freshPrefix();
    await openHere({ prefix, partitionCount: 2 });
    await expect(openHere({ prefix, partitionCount: 3 })).rejects.toMatchObject({
      code: 'LOG_MISMATCH',
      message: `${prefix}.ticks must have 3 partitions, was 2`,
      details: { expected: 3, found: 2 },
    });
  });

  test('topics that may lose records sooner than asked for are refused', async () => {
    const prefix = freshPrefix();
    await openHere({ prefix, retentionMs: 60_000 });
    await openHere({ prefix, retentionMs: 60_000 });
    await expect(openHere({ prefix, retentionMs: 60_001 })).rejects.toMatchObject({
      code: 'LOG_MISMATCH',
      message: `topic ${prefix}.ticks: retention.ms must be 60001, was 60000`,
    });
    await expect(openHere({ prefix })).rejects.toMatchObject({ code: 'LOG_MISMATCH' });
  });

  test('the run is the id that Kafka gave the ticks', async () => {
    const prefix = freshPrefix();
    const before = await openHere({ prefix });
    expect(before.run).toMatch(/^[\w-]{22}$/);
    expect((await before.bounds('ticks', 1)).topicId).toBe(before.run);
  });
}

function lostRecords(): void {
  test('offsets that Kafka deleted are an error in every way of reading, never skipped', async () => {
    const prefix = freshPrefix();
    const log = await openHere({ prefix });
    await log.append('ticks', 0, many(100));
    await cut(`${prefix}.ticks`, 0, 50n);
    expect(await log.bounds('ticks', 0)).toMatchObject({ start: 50n, end: 100n });
    const truncated = { code: 'LOG_TRUNCATED', details: { from: 10n, start: 50n } };
    const startAt = (partition: number): bigint => (partition === 0 ? 10n : 0n);
    const onBatch = async (): Promise<void> => undefined;
    const follower = await log.follow({ topic: 'ticks', startAt, onBatch });
    await expect(follower.done).rejects.toMatchObject(truncated);
    const onAssigned = async (partition: number): Promise<bigint> => startAt(partition);
    const onRevoked = (): void => undefined;
    const group = { topic: 'ticks', group: 'g', onAssigned, onRevoked, onBatch } as const;
    const member = await log.subscribe(group);
    await expect(member.done).rejects.toMatchObject(truncated);
    await expect(
      log.read('ticks', 0, 10n, 100n)[Symbol.asyncIterator]().next(),
    ).rejects.toMatchObject(truncated);
  });

  test('an append of more than a batch can hold is refused whole', async () => {
    const log = await openHere();
    const tooLarge = log.append('models', 0, [new Uint8Array(8 * 1024 * 1024 + 1)]);
    await expect(tooLarge).rejects.toMatchObject({ code: 'LOG_WRITE_FAILED' });
    expect((await log.bounds('models', 0)).end).toBe(0n);
  });

  test('brokers that cannot be reached are an error that may pass', async () => {
    const open = openKafkaLog({
      brokers: ['127.0.0.1:9'],
      prefix: freshPrefix(),
      partitionCount: 1,
      patienceMs: 200,
    });
    await expect(open).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE', retriable: true });
  });

  test('an idle log costs no warning and hardly wakes its process', async () => {
    const prefix = freshPrefix();
    const program = `
      import { openKafkaLog } from '#shared/log/kafka/kafka-log.ts';
      const log = await openKafkaLog({ brokers: ${JSON.stringify(brokers)}, prefix: '${prefix}', partitionCount: 4 });
      const reading = await log.follow({ topic: 'ticks', startAt: () => 0n, onBatch: async () => undefined });
      await log.append('ticks', 0, [Uint8Array.of(1)]);
      const turns = () => performance.nodeTiming.uvMetricsInfo.loopCount;
      const [began, before] = [performance.now(), turns()];
      await new Promise((resolve) => setTimeout(resolve, 3000));
      console.log((turns() - before) / ((performance.now() - began) / 1000));
      await reading.stop();
      await log.close();`;
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      ['--input-type=module-typescript', '-e', program],
      { encoding: 'utf8', timeout: REACH_MS },
    );
    expect([status, stderr]).toEqual([0, '']);
    // Some 20 come of waiting fetches; timers that find nothing to do make hundreds (mend-kafkajs.ts).
    expect(Number(stdout)).toBeLessThan(100);
  });
}

/** A member in another process, and the lines that it says. */
function aMember(prefix: string): { child: ChildProcess; lines: Heard<string> } {
  const child = spawn(process.execPath, [MEMBER, brokers[0], prefix], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines = new Heard<string>();
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  return { child, lines };
}

function zombies(): void {
  test('a member that was stopped past its session begins no batch of what others have now', async () => {
    const prefix = freshPrefix();
    const log = await openHere({ prefix, sessionTimeoutMs: BRIEF_SESSION_MS });
    const { child, lines } = aMember(prefix);
    for (const p of [0, 1]) await log.append('ticks', p, many(1));
    await lines.until(
      (all) => ['read 0@0', 'read 1@0'].every((l) => all.includes(l)),
      'a batch of each',
    );
    child.kill('SIGSTOP');
    const heard = new Heard<number>();
    const member = await log.subscribe({
      topic: 'ticks',
      group: 'predict',
      onAssigned: async () => 1n,
      onRevoked: () => undefined,
      onBatch: async ({ partition }) => heard.push(partition),
    });
    // The first lands in the fetch that the stopped process left waiting on the broker.
    for (const p of [0, 1]) await log.append('ticks', p, many(5));
    await heard.until((all) => new Set(all).size === 2, 'both partitions, by the other');
    const before = lines.all.length;
    child.kill('SIGCONT');
    await lines.until(
      (all) => all.slice(before).some((l) => l.startsWith('assigned')),
      'its return',
    );
    const returned = lines.all.findIndex((l, k) => k >= before && l.startsWith('assigned'));
    expect(lines.all.slice(before, returned).sort()).toEqual(['revoked 0', 'revoked 1']);
    await member.stop();
  });
}

function restarts(): void {
  test('an append whose acknowledgement was lost is in the log once, at the offset it was given', async () => {
    const log = await openHere();
    const lost = loseEveryThirdReply();
    const lanes = Array.from({ length: 8 }, async (_, lane) => {
      for (let k = 0; k < 15; k++) {
        const { first } = await log.append('ticks', lane % 2, many(3, `${lane}.${k}.`));
        const written = log.read('ticks', lane % 2, first, first + 3n)[Symbol.asyncIterator]();
        const { value } = (await written.next()) as { value: readonly LogRecord[] };
        expect(value.map(textOf)).toEqual([0, 1, 2].map((n) => `${lane}.${k}.${n}`));
      }
    });
    await Promise.all(lanes);
    expect(lost.count).toBeGreaterThan(5);
    for (const p of [0, 1]) expect((await log.bounds('ticks', p)).end).toBe(180n);
  });

  test('a broker killed amid appends loses nothing acknowledged and repeats nothing, and readers go on', async ({
    skip,
  }) => {
    const why = whyNone(findOwn('kafka'));
    if (why !== null) return skip(why);
    const kafka = await ownKafka();
    onTestFinished(kafka.remove);
    const log = await openHere({ brokers: [kafka.address], patienceMs: REACH_MS });
    const heard: string[] = [];
    const onBatch: Parameters<EventLog['follow']>[0]['onBatch'] = async ({ records }) =>
      void heard.push(...records.map(textOf));
    const reading = await log.follow({ topic: 'scores', startAt: () => 0n, onBatch });
    let next = 0n;
    const byMember: string[] = [];
    const member = await log.subscribe({
      topic: 'scores',
      group: 'predict',
      onAssigned: async () => next,
      onRevoked: () => undefined,
      onBatch: async ({ records }) => {
        byMember.push(...records.map(textOf));
        next += BigInt(records.length);
      },
    });
    const acknowledged: string[] = [];
    let isOver = false;
    const appending = Array.from({ length: 4 }, async (_, lane) => {
      for (let k = 0; !isOver; k++) {
        const { first } = await log.append('scores', 0, many(5, `${lane}.${k}.`));
        for (let n = 0; n < 5; n++) acknowledged[Number(first) + n] = `${lane}.${k}.${n}`;
      }
    });
    for (let round = 0; round < 2; round++) {
      const before = acknowledged.length;
      await eventually(() => expect(acknowledged.length).toBeGreaterThan(before + 200));
      await kafka.kill();
      await kafka.start();
    }
    const after = acknowledged.length;
    await eventually(() => expect(acknowledged.length).toBeGreaterThan(after + 200));
    isOver = true;
    await Promise.all(appending);
    const records: string[] = [];
    for await (const batch of log.read('scores', 0, 0n, 1n << 62n))
      records.push(...batch.map(textOf));
    expect(records).toEqual(acknowledged);
    expect(new Set(records).size).toBe(records.length);
    await eventually(() => expect(heard.length).toBe(records.length));
    expect(heard).toEqual(records);
    await eventually(() => expect(byMember.length).toBe(records.length));
    expect(byMember).toEqual(records);
    await Promise.all([reading.stop(), member.stop()]);
  });
}
