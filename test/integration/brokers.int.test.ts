import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Redis } from 'ioredis';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { type BrokerSource, findOwn } from '#test/brokers/broker-source.ts';
import { sharedKafka, sharedRedis } from '#test/brokers/brokers.ts';
import { isGone, OWNER_LABEL, removeLeftContainers } from '#test/brokers/left-containers.ts';
import { startKafka } from '#test/brokers/own-kafka.ts';
import { startRedis } from '#test/brokers/own-redis.ts';

const owner = process.pid;
const has = (tool: string): boolean =>
  spawnSync(tool, ['--version'], { stdio: 'ignore' }).error === undefined;

/** The same server out of an image and as a process. */
function sources(name: 'kafka' | 'redis', tools: readonly string[]): readonly BrokerSource[] {
  const found = findOwn(name);
  const native: readonly BrokerSource[] = tools.every(has) ? [{ from: 'native' }] : [];
  return found.from === 'docker' ? [found, ...native] : native;
}

test('in CI the tests run on brokers in containers', async ({ skip }) => {
  if (process.env['CI'] === undefined) return skip('not in CI');
  const { owner: run } = inject('brokers');
  const format = ['--format', '{{.Ports}}', '--filter', `label=${OWNER_LABEL}=${run}`];
  const [kafka] = await sharedKafka();
  const redis = new URL(await sharedRedis()).host;
  const ports = spawnSync('docker', ['ps', ...format], { encoding: 'utf8' }).stdout;
  for (const address of [kafka, redis]) expect(ports).toContain(`:${address.split(':')[1]}->`);
});

describe.each(sources('redis', ['redis-server']))('a Redis of the test, $from', (source) => {
  test('keeps what it acknowledged when it is killed, answers nothing while it is paused, and leaves no file', async () => {
    const redis = await startRedis(source, { owner });
    const client = new Redis(redis.url, { retryStrategy: () => 20 });
    client.on('error', () => undefined);
    onTestFinished(() => client.disconnect());
    await client.set('key', 'kept');
    await redis.kill();
    await redis.kill();
    await redis.start();
    expect(await client.get('key')).toBe('kept');
    await redis.pause();
    const answer = client.get('key');
    expect(await Promise.race([answer, after(300)])).toBe('nothing');
    await redis.resume();
    expect(await answer).toBe('kept');
    await redis.remove();
    expect(existsSync(redis.folder)).toBe(false);
  });
});

test('a Kafka as a process starts again where it was killed', async ({ skip }) => {
  if (!has('java') || !has('mvn')) return skip('no java or no mvn on the PATH');
  const kafka = await startKafka({ from: 'native' }, owner);
  onTestFinished(kafka.remove);
  await kafka.kill();
  await kafka.start();
});

test('containers that a killed run left are removed', async ({ skip }) => {
  const source = findOwn('redis');
  if (source.from !== 'docker') return skip('no Docker');
  const gone = spawnSync('true').pid;
  const redis = await startRedis(source, { owner: gone });
  const containers = () => {
    const list = ['ps', '--all', '--quiet', '--filter', `label=${OWNER_LABEL}=${gone}`];
    return spawnSync('docker', list, { encoding: 'utf8' }).stdout.trim();
  };
  expect(containers()).not.toBe('');
  removeLeftContainers(isGone);
  expect(containers()).toBe('');
  await rm(redis.folder, { recursive: true });
});

async function after(ms: number): Promise<string> {
  await new Promise((resolve) => setTimeout(resolve, ms));
  return 'nothing';
}
