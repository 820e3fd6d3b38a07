import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { openMemoryLog } from '#shared/log/embedded/memory-log.ts';
import { openRedisModelStore } from '#shared/state/redis/redis-model-store.ts';
import { BreakingProxy } from '#test/brokers/breaking-proxy.ts';
import { findShared, whyNone } from '#test/brokers/broker-source.ts';
import { sharedRedis } from '#test/brokers/brokers.ts';
import { PredictRun } from '#test/builders/a-predict.ts';
import { aStep, loaded, RedisRun } from '#test/builders/a-redis-commit.ts';
import { aTape } from '#test/builders/a-tape.ts';
import { modelStoreContract } from '#test/contract/model-store.contract.ts';
import { partitionCommitContract } from '#test/contract/partition-commit.contract.ts';

const reason = whyNone(findShared('redis'));
/** Of the Redis that tests share: each has its own prefix there. */
let url = '';

if (reason !== null) {
  test('state in Redis', ({ skip }) => skip(reason));
} else {
  beforeAll(async () => {
    url = await sharedRedis();
  });
  onAnyRedis();
}

/** A run on the shared Redis, every connection of which can be cut. */
async function aBreakableRun(log = openMemoryLog({ partitionCount: 2 })) {
  const { hostname, port } = new URL(url);
  const proxy = await BreakingProxy.to({ host: hostname, port: Number(port) });
  onTestFinished(() => proxy.close());
  return { proxy, run: new RedisRun({ url: proxy.urlLike(url), direct: url, log }) };
}

function onAnyRedis(): void {
  partitionCommitContract('the redis commit', async () => {
    const run = new RedisRun({ url });
    const { log } = run;
    const reopen = async () => ({ log, store: await run.commit() });
    return {
      outputsAre: 'before the state',
      ...(await reopen()),
      reopen,
      reopenAsAnotherRun: async () => {
        await run.raw.hset(run.key(), 'run', 'another');
        return reopen();
      },
      corrupt: async (partition, symbol) => {
        const bytes = (await run.stored(partition))[`s:${symbol}`];
        bytes[bytes.length - 1] ^= 4;
        await run.raw.hset(run.key(partition), `s:${symbol}`, bytes);
        return reopen();
      },
      close: () => log.close(),
    };
  });

  modelStoreContract('the redis model store', async () => {
    const run = new RedisRun({ url });
    const open = async () => {
      const store = await openRedisModelStore({ url, prefix: run.prefix });
      onTestFinished(() => store.close());
      return store;
    };
    return {
      store: await open(),
      reopen: open,
      corrupt: async (sha) => {
        await run.raw.setrange(`{${run.prefix}}:model:${sha}`, 100, 'another');
        return open();
      },
      close: async () => undefined,
    };
  });

  describe('a checkpoint in Redis', () => {
    test('that mixes the state of two commits is not loaded', async () => {
      const run = new RedisRun({ url });
      const store = await run.commit();
      const { token } = await store.claim(0, 1);
      await store.commit(aStep(token, 0n, 5n));
      const before = await run.stored();
      await store.commit(aStep(token, 5n, 9n, ['a']));
      const after = await run.stored();
      const corrupt = { code: 'BYTES_CORRUPT' };
      for (const field of ['s:a', 'part', 'next', 'dig']) {
        await run.raw.hset(run.key(), field, before[field]);
        await expect(loaded(await run.commit())).rejects.toMatchObject(corrupt);
        await run.raw.hset(run.key(), field, after[field]);
      }
      await run.raw.hdel(run.key(), 's:b');
      await expect(loaded(await run.commit())).rejects.toMatchObject(corrupt);
      await run.raw.hset(run.key(), 's:b', before['s:b']);
      expect(await loaded(store)).toEqual({ a: 'a at 9', b: 'b at 5' });
    });

    test('has a digest that does not depend on who wrote it in how many commits', async () => {
      const runs = [new RedisRun({ url }), new RedisRun({ url })];
      const [one, other] = await Promise.all(runs.map((run) => run.commit()));
      const first = await one.claim(0, 1);
      await one.commit(aStep(first.token, 0n, 3n, ['a', 'b']));
      await one.commit(aStep(first.token, 3n, 9n, ['a', 'b', 'c']));
      const second = await other.claim(0, 1);
      await other.commit(aStep(second.token, 0n, 7n, ['c', 'a', 'b']));
      const reopened = await runs[1].commit();
      const third = await reopened.claim(0, 1);
      await reopened.commit(aStep(third.token, 7n, 9n, ['b', 'c', 'a']));
      const [mine, theirs] = await Promise.all(runs.map((run) => run.stored()));
      expect(`${mine['dig']}`).toMatch(/^[0-9a-f]{32}$/);
      expect(`${mine['dig']}`).toBe(`${theirs['dig']}`);
    });

    test('takes positions beyond what a double holds, and thousands of symbols at once', async () => {
      const store = await new RedisRun({ url }).commit();
      const { token } = await store.claim(0, 1);
      const far = 1n << 60n;
      const names = Array.from({ length: 5_000 }, (_, k) => `venue:${k}`);
      await store.commit(aStep(token, 0n, far, names));
      await expect(store.commit(aStep(token, far + 1n, far + 2n))).rejects.toMatchObject({
        code: 'STATE_CONFLICT',
      });
      await store.commit(aStep(token, far, far + 1n, ['venue:7']));
      const symbols = await loaded(store);
      expect(Object.keys(symbols).length).toBe(5_000);
      expect(symbols['venue:7']).toBe(`venue:7 at ${far + 1n}`);
      expect((await store.claim(0, 1)).header?.next).toBe(far + 1n);
    });

    test('of another format is refused', async () => {
      const run = new RedisRun({ url });
      const store = await run.commit();
      await run.raw.hset(run.key(), 'fmt', '2', 'run', run.log.run);
      await expect(store.claim(0, 1)).rejects.toMatchObject({ code: 'BYTES_CORRUPT' });
      expect(Object.keys(await run.stored()).sort()).toEqual(['fmt', 'run']);
    });
  });

  describe('a zombie', () => {
    test('with an old token writes nothing, neither state nor outputs', async () => {
      const run = new RedisRun({ url });
      const [zombie, owner] = [await run.commit(), await run.commit()];
      const old = await zombie.claim(0, 1);
      await zombie.commit(aStep(old.token, 0n, 5n));
      await owner.claim(0, 2);
      const before = await run.stored();
      const commit = zombie.commit(aStep(old.token, 5n, 9n));
      await expect(commit).rejects.toMatchObject({ code: 'STATE_FENCED' });
      expect(await run.stored()).toEqual(before);
      expect(await run.forecasts()).toEqual(['f5']);
    });

    test('that is fenced between its outputs and its state changes no state', async () => {
      const run = new RedisRun({ url });
      const owner = await run.commit();
      let token = '';
      const append: typeof run.log.append = async (topic, partition, values) => {
        token = (await owner.claim(0, 2)).token;
        return run.log.append(topic, partition, values);
      };
      const zombie = await run.commit({ log: { append } });
      const old = await zombie.claim(0, 1);
      const commit = zombie.commit(aStep(old.token, 0n, 5n));
      await expect(commit).rejects.toMatchObject({ code: 'STATE_FENCED' });
      expect(Object.keys(await run.stored()).sort()).toEqual(['fmt', 'gen', 'run', 'tok']);
      // The new owner folds the same ticks: the forecast stands twice, and its readers drop the second.
      await owner.commit(aStep(token, 0n, 5n));
      expect(await run.forecasts()).toEqual(['f5', 'f5']);
    });

    test('that is overtaken by one position after its outputs conflicts, however far the position', async () => {
      const run = new RedisRun({ url });
      const far = 1n << 60n;
      const append: typeof run.log.append = async (topic, partition, values) => {
        if ((await run.forecasts()).length === 1)
          await run.raw.hset(run.key(), 'next', `${far + 1n}`);
        return run.log.append(topic, partition, values);
      };
      const store = await run.commit({ log: { append } });
      const { token } = await store.claim(0, 1);
      await store.commit(aStep(token, 0n, far));
      const commit = store.commit(aStep(token, far, far + 2n));
      await expect(commit).rejects.toMatchObject({ code: 'STATE_CONFLICT' });
      expect(`${(await run.stored())['s:a']}`).toContain(`a at ${far}`);
    });
  });

  describe('a connection that breaks', () => {
    for (const at of ['before the reply', 'before the request'] as const) {
      test(`${at} of a commit: it happens exactly once`, async () => {
        const { proxy, run } = await aBreakableRun();
        const store = await run.commit();
        const { token } = await store.claim(0, 1);
        await store.commit(aStep(token, 0n, 5n));
        proxy.breakNext(at, 'EVALSHA');
        await store.commit(aStep(token, 5n, 9n));
        expect(proxy.broken).toBe(1);
        await store.commit(aStep(token, 9n, 12n, ['a']));
        expect(await loaded(store)).toEqual({ a: 'a at 12', b: 'b at 9' });
        expect(await run.forecasts()).toEqual(['f5', 'f9', 'f12']);
      });
    }

    test('before the reply of a claim: the claim is ours', async () => {
      const { proxy, run } = await aBreakableRun();
      const store = await run.commit();
      await store.claim(0, 1);
      proxy.breakNext('before the reply', 'EVALSHA');
      const { token } = await store.claim(0, 2);
      expect(proxy.broken).toBe(1);
      await store.commit(aStep(token, 0n, 5n));
    });

    test('while another takes over: the lost commit is not taken for ours', async () => {
      const { proxy, run } = await aBreakableRun();
      const owner = await run.commit({ url });
      let isArmed = false;
      const append: typeof run.log.append = async (topic, partition, values) => {
        const appended = await run.log.append(topic, partition, values);
        if (isArmed) await owner.commit(aStep((await owner.claim(0, 2)).token, 5n, 9n));
        return appended;
      };
      const zombie = await run.commit({ log: { append } });
      const { token } = await zombie.claim(0, 1);
      await zombie.commit(aStep(token, 0n, 5n));
      isArmed = true;
      proxy.breakNext('before the reply', 'EVALSHA');
      const commit = zombie.commit(aStep(token, 5n, 9n));
      await expect(commit).rejects.toMatchObject({ code: 'STATE_FENCED' });
      expect(proxy.broken).toBe(1);
    });

    test('again and again under a running predict service changes no forecast', async () => {
      const tape = aTape({ symbols: ['venue:a', 'venue:b', 'venue:c'], tickCount: 320 });
      const expected = new PredictRun();
      const undisturbed = await expected.start();
      await expected.append(tape);
      await undisturbed.waitFor(await expected.ends());
      await undisturbed.stop();

      const actual = new PredictRun();
      const { proxy, run } = await aBreakableRun(actual.log);
      let predict = await actual.start({ commit: await run.commit() });
      const feed = async (from: number): Promise<void> => {
        await actual.append(tape.slice(from, from + 40));
        await predict.waitFor(await actual.ends());
      };
      await feed(0);
      proxy.breakNext('before the reply', 'EVALSHA');
      await feed(40);
      proxy.breakNext('before the request', 'EVALSHA');
      await feed(80);
      proxy.cutAll();
      await feed(120);
      const feeding = feed(160);
      proxy.cutAll();
      await feeding;
      await predict.stop();
      predict = await actual.start({ commit: await run.commit() });
      onTestFinished(() => predict.stop());
      proxy.breakNext('before the reply', 'HMGET');
      for (const from of [200, 240, 280]) await feed(from);
      expect(proxy.broken).toBe(3);
      for (const partition of [0, 1]) {
        const [found, wanted] = await Promise.all([
          actual.records('forecasts', partition),
          expected.entries(partition),
        ]);
        expect(found.length).toBeGreaterThan(0);
        expect(await actual.entries(partition)).toEqual(wanted);
      }
    });
  });
}
