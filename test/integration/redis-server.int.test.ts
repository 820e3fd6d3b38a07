import { cp, rm } from 'node:fs/promises';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { openRedisModelStore } from '#shared/state/redis/redis-model-store.ts';
import type { RedisBroker } from '#test/brokers/broker.ts';
import { findOwn, whyNone } from '#test/brokers/broker-source.ts';
import { ownRedis } from '#test/brokers/brokers.ts';
import { aStep, loaded, RedisRun } from '#test/builders/a-redis-commit.ts';
import { eventually } from '#test/builders/eventually.ts';

const reason = whyNone(findOwn('redis'));

/** A server of the test's own. */
async function aServer(more: readonly string[] = []): Promise<RedisBroker> {
  const started = await ownRedis(more);
  onTestFinished(started.remove);
  return started;
}

beforeEach(({ skip }) => {
  if (reason !== null) skip(reason);
});

describe('a Redis server', () => {
  test('killed between commits and started again loses no acknowledged commit', async () => {
    const redis = await aServer();
    const run = new RedisRun({ url: redis.url });
    const store = await run.commit();
    const { token } = await store.claim(0, 1);
    for (let next = 1n; next <= 12n; next += 1n) {
      await store.commit(aStep(token, next - 1n, next, next % 2n === 0n ? ['a'] : ['b']));
      if (next % 4n === 0n) {
        await redis.kill();
        const starting = redis.start();
        // Does not wait for the server: the next commit has to.
        onTestFinished(() => starting);
      }
    }
    expect(await loaded(store)).toEqual({ a: 'a at 12', b: 'b at 11' });
    expect((await store.claim(0, 1)).header?.next).toBe(12n);
    expect((await run.forecasts()).length).toBe(12);
  });

  test('killed in the middle of commits holds the last one that was acknowledged, or the one after', async () => {
    const redis = await aServer();
    const run = new RedisRun({ url: redis.url, patienceMs: 1_000 });
    const store = await run.commit();
    const names = Array.from({ length: 40 }, (_, k) => `s${k}`);
    // Its patience, short for the commits that are to fail, may not last until it is connected again.
    const claim = () => eventually(() => store.claim(0, 0));
    for (const delayMs of [1, 7, 15]) {
      const { token, header } = await claim();
      let acknowledged = header?.next ?? 0n;
      const committing = (async () => {
        for (;;) {
          await store.commit(aStep(token, acknowledged, acknowledged + 1n, names));
          acknowledged += 1n;
        }
      })();
      const failed = expect(committing).rejects.toMatchObject({ code: 'STATE_UNAVAILABLE' });
      await new Promise((resolve) => setTimeout(resolve, delayMs));
      await redis.kill();
      await failed;
      await redis.start();
      const next = (await claim()).header?.next ?? 0n;
      expect([acknowledged, acknowledged + 1n]).toContain(next);
      const symbols = await eventually(() => loaded(store));
      expect(Object.values(symbols).every((text) => text.endsWith(` at ${next}`))).toBe(true);
    }
  });

  test('rolled back to older files is noticed by the next commit', async () => {
    const redis = await aServer();
    const run = new RedisRun({ url: redis.url });
    const store = await run.commit();
    const { token } = await store.claim(0, 1);
    await store.commit(aStep(token, 0n, 5n));
    const older = `${redis.folder}.older`;
    onTestFinished(() => rm(older, { recursive: true }));
    await redis.kill();
    await cp(redis.folder, older, { recursive: true });
    await redis.start();
    await store.commit(aStep(token, 5n, 9n));
    await redis.kill();
    await rm(redis.folder, { recursive: true });
    await cp(older, redis.folder, { recursive: true });
    await redis.start();
    const commit = store.commit(aStep(token, 9n, 12n));
    await expect(commit).rejects.toMatchObject({ code: 'STATE_CONFLICT' });
    expect((await store.claim(0, 1)).header?.next).toBe(5n);
    expect(await loaded(store)).toEqual({ a: 'a at 5', b: 'b at 5' });
    expect(await run.forecasts()).toEqual(['f5', 'f9']);
  });

  test('wiped: the owner is fenced, and a claim sees nothing', async () => {
    const redis = await aServer();
    const run = new RedisRun({ url: redis.url });
    const store = await run.commit();
    const { token } = await store.claim(0, 7);
    await store.commit(aStep(token, 0n, 5n));
    await run.raw.flushall();
    const commit = store.commit(aStep(token, 5n, 9n));
    await expect(commit).rejects.toMatchObject({ code: 'STATE_FENCED' });
    expect(await run.stored()).toEqual({});
    const again = await store.claim(0, 8);
    expect(again.header).toBeNull();
    expect(await loaded(store)).toEqual({});
    await store.commit(aStep(again.token, 0n, 5n));
    expect(await loaded(store)).toEqual({ a: 'a at 5', b: 'b at 5' });
  });

  test('that may evict state is refused, at the start and at a claim', async () => {
    const evictable = { code: 'STATE_EVICTABLE' };
    const redis = await aServer(['--maxmemory-policy', 'allkeys-lru']);
    const run = new RedisRun({ url: redis.url });
    await expect(run.commit()).rejects.toMatchObject(evictable);
    const models = openRedisModelStore({ url: redis.url, prefix: run.prefix });
    await expect(models).rejects.toMatchObject(evictable);
    await run.raw.config('SET', 'maxmemory-policy', 'noeviction');
    const store = await run.commit();
    await store.claim(0, 1);
    await run.raw.config('SET', 'maxmemory-policy', 'volatile-ttl');
    await expect(store.claim(0, 1)).rejects.toMatchObject(evictable);
  });

  test('is asked for all of a state once, however many commits follow', async () => {
    const redis = await aServer();
    const run = new RedisRun({ url: redis.url });
    const first = await run.commit();
    const before = await first.claim(0, 1);
    for (let next = 1n; next <= 5n; next += 1n) {
      await first.commit(aStep(before.token, next - 1n, next));
    }
    const second = await run.commit();
    const { token } = await second.claim(0, 2);
    await loaded(second);
    for (let next = 6n; next <= 10n; next += 1n) {
      await second.commit(aStep(token, next - 1n, next));
    }
    const calls = /cmdstat_hkeys:calls=(\d+)/.exec(await run.raw.info('commandstats'))?.[1];
    expect(calls).toBe('1');
  });

  test('whose memory is full refuses a commit, which leaves nothing', async () => {
    const redis = await aServer();
    const run = new RedisRun({ url: redis.url });
    const store = await run.commit();
    const { token } = await store.claim(0, 1);
    await store.commit(aStep(token, 0n, 5n));
    const before = await run.stored();
    await run.raw.config('SET', 'maxmemory', '1');
    const commit = store.commit(aStep(token, 5n, 9n));
    await expect(commit).rejects.toMatchObject({ code: 'STATE_UNAVAILABLE', retriable: true });
    expect(await run.stored()).toEqual(before);
    await run.raw.config('SET', 'maxmemory', '0');
    await store.commit(aStep(token, 5n, 9n));
  });

  test('that stays away is told of with its address and without its password', async () => {
    const redis = await aServer();
    const run = new RedisRun({ url: redis.url, patienceMs: 100 });
    const store = await run.commit();
    await redis.kill();
    const address = `127.0.0.1:${redis.port}`;
    const away = { code: 'STATE_UNAVAILABLE', message: expect.stringContaining(address) };
    await expect(store.claim(0, 1)).rejects.toMatchObject(away);
    const secret = run.commit({ url: redis.url.replace('//', '//name:secret@') });
    const error = await secret.then(() => null).catch((reason: unknown) => reason);
    expect(error).toMatchObject(away);
    expect(`${(error as Error).stack}`).not.toContain('secret');
  });
});
