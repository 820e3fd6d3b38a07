import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { expect, onTestFailed, onTestFinished, test } from 'vitest';
import { forecastBytes } from '#services/replay/forecast-digest.ts';
import { decodeForecastPack } from '#shared/forecast/forecast-record.ts';
import type { EventLog } from '#shared/log/event-log.ts';
import { partitionOf } from '#shared/log/partitioner.ts';
import type { Tick } from '#shared/market/tick.ts';
import { findShared, whyNone } from '#test/brokers/broker-source.ts';
import { sharedKafka, sharedRedis } from '#test/brokers/brokers.ts';
import { aFolder } from '#test/builders/a-folder.ts';
import { replayed } from '#test/builders/a-replay.ts';
import { aTape, bytesOf } from '#test/builders/a-tape.ts';
import { recordsOf } from '#test/builders/an-ingest.ts';
import { DistributedRun } from '#test/builders/distributed-run.ts';
import { REACH_MS } from '#test/builders/eventually.ts';
import { PublishedForecasts } from '#test/builders/published-forecasts.ts';
import type { RunningService } from '#test/builders/running-services.ts';

const PARTITIONS = 2;
const SYMBOLS = ['venue:a', 'venue:b', 'venue:c', 'venue:d'];
const ROUNDS = process.env['FORETICK_TEST_LONG'] === undefined ? 2 : 6;
const TICKS_PER_ROUND = 12_000;
/** Saves only what it gives up: whenever it is stopped, it has something in its hands that it still means to save. */
const NEVER_DUE = {
  FORETICK_PREDICT_CHECKPOINT_RECORDS: '1000000',
  FORETICK_PREDICT_CHECKPOINT_MS: '3600000',
};
const missing = whyNone(findShared('kafka'), findShared('redis'));

test.skipIf(missing !== null)(
  'of a predict process that stood still past its session and goes on after another took over, nothing is kept',
  async () => {
    const scene = await Scene.open();
    const zombie = scene.start(NEVER_DUE);
    await scene.append(2_000);
    await scene.untilFolded();
    for (let round = 1; round <= ROUNDS; round++) {
      await scene.append(TICKS_PER_ROUND);
      await scene.untilBegun();
      zombie.pause();
      const heir = scene.start();
      await scene.untilSaved();
      const before = await scene.stored();
      const [refusals, claims] = [refusalsOf(zombie), claimsOf(zombie)];
      zombie.resume();
      await until(() => refusalsOf(zombie) > refusals, 'a refusal', zombie);
      // It is a member like any other from then on.
      await until(() => claimsOf(zombie) > claims, 'a new claim', zombie);
      expect(await scene.stored()).toEqual(before);
      await scene.expectCopies();
      expect(await heir.stop()).toBe(0);
    }
    expect(await zombie.stop()).toBe(0);
    expect(scene.repeatCount).toBeGreaterThan(0);
    await scene.expectUndisturbed();
  },
);

/** A run whose ticks are appended by the test, and what its store and its topics hold. */
class Scene {
  readonly #run: DistributedRun;
  readonly #log: EventLog;
  readonly #published: PublishedForecasts;
  readonly #redis: Redis;
  readonly #tape: readonly Tick[];
  #appended = 0;
  #ends: bigint[] = Array.from({ length: PARTITIONS }, () => 0n);
  /** Where each partition ended before the last append. */
  #begun: readonly bigint[] = [];

  private constructor(
    run: DistributedRun,
    log: EventLog,
    published: PublishedForecasts,
    redis: Redis,
  ) {
    this.#run = run;
    this.#log = log;
    this.#published = published;
    this.#redis = redis;
    const tickCount = 2_000 + ROUNDS * TICKS_PER_ROUND;
    this.#tape = aTape({ symbols: SYMBOLS, tickCount });
  }

  static async open(): Promise<Scene> {
    const [brokers, url] = [await sharedKafka(), await sharedRedis()];
    const run = new DistributedRun({ brokers, url, partitionCount: PARTITIONS });
    onTestFinished(() => run.end());
    onTestFailed(() => console.error(run.services.saidByAll()));
    const redis = new Redis(url);
    onTestFinished(() => redis.disconnect());
    const log = await run.log();
    for (let p = 0; p < PARTITIONS; p++) {
      await log.append('ticks', p, [bytesOf({ kind: 'begin', warmUpTicks: 100 })]);
    }
    return new Scene(run, log, await PublishedForecasts.of(log), redis);
  }

  /** Forecasts that stand in their topic more than once. */
  get repeatCount(): number {
    return this.#published.repeatCount;
  }

  start(settings: Readonly<Record<string, string>> = {}): RunningService {
    return this.#run.services.start('predict', settings);
  }

  async append(count: number): Promise<void> {
    const ticks = this.#tape.slice(this.#appended, this.#appended + count);
    this.#appended += count;
    this.#begun = [...this.#ends];
    for (let p = 0; p < PARTITIONS; p++) {
      const own = ticks.filter(({ symbol }) => partitionOf(symbol, PARTITIONS) === p);
      const { first } = await this.#log.append('ticks', p, own.map(bytesOf));
      this.#ends[p] = first + BigInt(own.length);
    }
  }

  /** Resolves when some of what was appended last is folded. */
  async untilBegun(): Promise<void> {
    const [first] = this.#begun;
    await this.#published.until([first + 500n, null], REACH_MS);
  }

  /** Resolves when all ticks are folded, by whomever. */
  async untilFolded(): Promise<void> {
    await this.#published.until(
      this.#ends.map((end) => end - 1n),
      REACH_MS,
    );
  }

  /** Resolves when the store contains all ticks. */
  async untilSaved(): Promise<void> {
    const deadline = AbortSignal.timeout(REACH_MS);
    for (;;) {
      const stored = await this.stored();
      const nexts = stored.map(({ next }) => next);
      if (nexts.every((next, p) => next === `${this.#ends[p]}`)) return;
      if (deadline.aborted) throw new Error(`the store must reach ${this.#ends}, was at ${nexts}`);
      await sleep(50);
    }
  }

  /** All that the store holds per partition, but for who claimed it when. */
  async stored(): Promise<Record<string, string>[]> {
    const keys = this.#ends.map((_, p) => `{${this.#run.prefix}:${this.#log.run}:${p}}:ck`);
    const all = await Promise.all(keys.map((key) => this.#redis.hgetallBuffer(key)));
    return all.map((fields) => {
      const { tok: _token, gen: _generation, ...kept } = fields;
      const texts = Object.entries(kept).map(([name, bytes]) => [
        name,
        bytes.toString(name === 'next' ? 'latin1' : 'base64'),
      ]);
      return Object.fromEntries(texts) as Record<string, string>;
    });
  }

  /** What was published twice must be the same, bit for bit. */
  async expectCopies(): Promise<void> {
    for (let p = 0; p < PARTITIONS; p++) {
      const first = new Map<bigint, string>();
      for (const value of await recordsOf(this.#log, 'forecasts', p)) {
        for (const { src, prev, forecasts } of decodeForecastPack(value).entries) {
          const said = forecasts.map((one) => Buffer.from(forecastBytes(one)).toString('base64'));
          const text = `${prev} ${said.join(' ')}`;
          expect(text).toBe(first.get(src) ?? text);
          first.set(src, text);
        }
      }
    }
  }

  async expectUndisturbed(): Promise<void> {
    const folder = await aFolder({});
    const { prefix, settings } = this.#run;
    const truth = await replayed(folder, `--input kafka:${prefix}`, settings);
    const { digest, forecastCount, stateDigest } = truth;
    expect(forecastCount).toBe(this.#tape.length);
    expect(await this.#published.digest()).toMatchObject({ digest, forecastCount });
    expect(await this.#run.stateDigest(this.#log)).toBe(stateDigest);
  }
}

function claimsOf({ said }: RunningService): number {
  return said.split('partition claimed').length - 1;
}

function refusalsOf({ said }: RunningService): number {
  return said.split('STATE_FENCED').length - 1;
}

async function until(fact: () => boolean, what: string, service: RunningService): Promise<void> {
  const deadline = performance.now() + REACH_MS;
  while (!fact()) {
    if (!service.isRunning || performance.now() > deadline) {
      throw new Error(`${what} must come, did not, and predict said:\n${service.said}`);
    }
    await sleep(20);
  }
}
