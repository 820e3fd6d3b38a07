import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { expect, onTestFailed, onTestFinished, test } from 'vitest';
import { openRecordedFolder } from '#services/replay/recorded-folder.ts';
import { ForecastClient } from '#shared/client/forecast-client.ts';
import type { EventLog } from '#shared/log/event-log.ts';
import { Random } from '#shared/nn/random.ts';
import type { KafkaBroker, RedisBroker } from '#test/brokers/broker.ts';
import { findOwn, whyNone } from '#test/brokers/broker-source.ts';
import { ownKafka, ownRedis } from '#test/brokers/brokers.ts';
import { freePorts } from '#test/brokers/free-port.ts';
import { replayed, SMALL_TRAINING } from '#test/builders/a-replay.ts';
import { seqsOf } from '#test/builders/an-ingest.ts';
import { DistributedRun } from '#test/builders/distributed-run.ts';
import { REACH_MS } from '#test/builders/eventually.ts';
import { Heard } from '#test/builders/heard.ts';
import { PublishedForecasts, srcsOfAll } from '#test/builders/published-forecasts.ts';
import { Supervisor } from '#test/builders/supervisor.ts';
import { tickFile } from '#test/builders/tick-file.ts';
import { Witness } from '#test/builders/witness.ts';

const IS_LONG = process.env['FORETICK_TEST_LONG'] !== undefined;
const KILLS = IS_LONG ? 63 : 10;
const REDIS_LOSSES = IS_LONG ? 6 : 2;
const PARTITIONS = 4;
const ROWS_PER_SECOND = 250;
/** Two rows each: as many as come by the clock, however long a busy machine takes until the last kill. */
const TRADES = 300_000;
const SYMBOLS = ['venue:a', 'venue:b', 'venue:c', 'venue:d', 'venue:e', 'venue:f'];

const SERVICES = ['ingest', 'predict', 'other predict', 'serve', 'train'] as const;
const VICTIMS = [...SERVICES, 'kafka', 'redis'] as const;
const LOSSES = ['redis wiped', 'redis rolled back'] as const;
type Blow = (typeof VICTIMS)[number] | (typeof LOSSES)[number];

const missing = whyNone(findOwn('kafka'), findOwn('redis'));

test.skipIf(missing !== null)(
  `after ${KILLS} kills among all parts while ticks flow nothing is lost, nothing comes twice, and all ends as if undisturbed`,
  { timeout: IS_LONG ? 7_200_000 : 1_800_000 },
  async () => {
    const startMs = performance.now();
    const scene = await Scene.open();
    const random = new Random(IS_LONG ? 'sixty blows' : 'ten blows');
    const blows = blowsOf(random);
    for (const blow of blows) {
      await scene.untilMoreTicks(1 + random.integer(blow === 'kafka' ? 600 : 1_200));
      await scene.strike(blow);
    }
    const end = await scene.settle();
    const seconds = Math.round((performance.now() - startMs) / 1000);
    console.log(`${tally(blows)}; ${end.text}; ${seconds} s`);
  },
);

/** Every victim once and more, and the losses of Redis among them, in a seeded order. */
function blowsOf(random: Random): readonly Blow[] {
  const more = Array.from(
    { length: KILLS - VICTIMS.length },
    () => VICTIMS[random.integer(VICTIMS.length)],
  );
  const losses = Array.from({ length: REDIS_LOSSES }, (_, k) => LOSSES[k % LOSSES.length]);
  const blows: Blow[] = [...VICTIMS, ...more, ...losses];
  for (let k = blows.length - 1; k > 0; k--) {
    const other = random.integer(k + 1);
    [blows[k], blows[other]] = [blows[other], blows[k]];
  }
  // What Redis is rolled back to is a copy from an earlier kill.
  return ['redis', ...blows.filter((blow, k) => blow !== 'redis' || k !== blows.indexOf('redis'))];
}

function tally(blows: readonly Blow[]): string {
  const kinds = [...VICTIMS, ...LOSSES];
  return kinds.map((kind) => `${kind} ${blows.filter((blow) => blow === kind).length}`).join(', ');
}

interface SceneParts {
  readonly folder: string;
  readonly kafka: KafkaBroker;
  readonly redis: RedisBroker;
  readonly run: DistributedRun;
  readonly log: EventLog;
  readonly ticks: Heard<number>;
  readonly published: PublishedForecasts;
  readonly supervisor: Supervisor;
  readonly witness: Witness;
}

/** Four services in five processes on brokers of their own, a source at a steady pace, and a client that keeps its position. */
class Scene {
  readonly #parts: SceneParts;
  /** Redis' files as of an earlier kill. */
  #copy: string | null = null;

  constructor(parts: SceneParts) {
    this.#parts = parts;
  }

  static async open(): Promise<Scene> {
    const folder = await mkdtemp(join(tmpdir(), 'foretick-kill-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const tape = tickFile({ tradeCount: TRADES, symbols: SYMBOLS });
    await writeFile(join(folder, 'ticks.csv'), tape);
    const kafka = await ownKafka();
    onTestFinished(() => kafka.remove());
    const redis = await ownRedis();
    onTestFinished(() => redis.remove());
    const [port] = await freePorts(1);
    const run = new DistributedRun({
      brokers: [kafka.address],
      url: redis.url,
      partitionCount: PARTITIONS,
      settings: settingsIn(folder, port),
    });
    onTestFinished(() => run.end());
    onTestFailed(() => console.error(run.services.saidByAll()));
    const log = await run.log();
    const published = await PublishedForecasts.of(log);
    const ticks = await heardTicks(log);
    const supervisor = new Supervisor(run.services, {
      serve: { name: 'serve' },
      train: { name: 'train' },
      predict: { name: 'predict' },
      'other predict': { name: 'predict' },
      ingest: { name: 'ingest' },
    });
    onTestFinished(() => supervisor.end());
    const witness = new Witness();
    const url = `ws://127.0.0.1:${port}/v1/stream`;
    const reconnect = { reconnectBaseMs: 50, reconnectCapMs: 500 };
    const client = new ForecastClient({ url, symbols: ['*'], ...reconnect }, witness);
    onTestFinished(() => client.close());
    await witness.heard.until((all) => all.length > 100, 'forecasts at the client', REACH_MS);
    return new Scene({ folder, kafka, redis, run, log, ticks, published, supervisor, witness });
  }

  /** A moment, told by how far the log has come: whatever was struck before may be down still. */
  async untilMoreTicks(count: number): Promise<void> {
    const { ticks } = this.#parts;
    const wanted = (ticks.all.at(-1) ?? 0) + count;
    await ticks.until((all) => (all.at(-1) ?? 0) >= wanted, `${count} more ticks`, REACH_MS);
  }

  async strike(blow: Blow): Promise<void> {
    const { kafka, supervisor } = this.#parts;
    switch (blow) {
      case 'kafka':
        await kafka.kill();
        return kafka.start();
      case 'redis':
      case 'redis rolled back':
        return this.#restartRedis(blow === 'redis rolled back');
      case 'redis wiped':
        return this.#wipeRedis();
      default:
        return supervisor.kill(blow);
    }
  }

  /** Lets it flow once more, ends the source, and compares all there is with an undisturbed fold of the same log. */
  async settle(): Promise<{ readonly text: string }> {
    const { folder, run, log, published, supervisor, witness } = this.#parts;
    await this.untilMoreTicks(500);
    for (const role of ['ingest', 'train']) expect(await supervisor.stop(role)).toBe(0);
    const tape = `--input kafka:${run.prefix} --keep`;
    const truth = await replayed(folder, tape, run.settings);
    const { digest, forecastCount, stateDigest, tickCount, switchCount } = truth;
    const refolded = await openRecordedFolder(join(`${truth['workFolder']}`, 'log'));
    const srcs = await srcsOfAll(refolded.log);
    await refolded.close();
    const lasts = srcs.map((all) => all.at(-1) ?? null);
    await published.until(lasts, REACH_MS);
    const isWhole = (all: readonly unknown[]) => all.length >= Number(forecastCount);
    await witness.heard.until(isWhole, 'all forecasts', REACH_MS).catch((error: unknown) => {
      const { breaches, snapshotCount } = witness;
      throw new Error(`${error}; ${snapshotCount} snapshots; breaches: ${breaches.join('; ')}`);
    });
    for (const role of ['predict', 'other predict', 'serve']) {
      expect(await supervisor.stop(role)).toBe(0);
    }
    expect(supervisor.surprises).toEqual([]);
    expect(witness.breaches).toEqual([]);
    expect(witness.snapshotCount).toBe(1);
    expect(srcsHeard(witness)).toEqual(srcs.map((all) => all.map(String)));
    expect(await published.digest()).toMatchObject({ digest, forecastCount });
    expect(await run.stateDigest(log)).toBe(stateDigest);
    // Ingest was killed, too: the rows of the file, from the first to the last one that came, each once.
    const rows = (await seqsOf(log)).flat().sort((a, b) => a - b);
    expect(rows).toEqual(rows.map((_, k) => k + 1));
    const { repeatCount } = published;
    const text = `${tickCount} ticks, ${switchCount} switches, ${forecastCount} forecasts, ${repeatCount} written again`;
    return { text };
  }

  async #restartRedis(rollsBack: boolean): Promise<void> {
    const { redis, folder } = this.#parts;
    await redis.kill();
    const files = join(redis.folder, 'appendonlydir');
    const kept = this.#copy;
    if (rollsBack && kept !== null) {
      await rm(files, { recursive: true });
      await cp(kept, files, { recursive: true });
    } else {
      this.#copy = join(folder, 'redis');
      await rm(this.#copy, { recursive: true, force: true });
      await cp(files, this.#copy, { recursive: true });
    }
    await redis.start();
  }

  async #wipeRedis(): Promise<void> {
    const client = new Redis(this.#parts.redis.url);
    await client.flushall();
    client.disconnect();
  }
}

function settingsIn(folder: string, port: number): Readonly<Record<string, string>> {
  return {
    ...SMALL_TRAINING,
    FORETICK_TRAIN_EVERY_TICKS: '1000',
    FORETICK_SOURCE: 'file',
    FORETICK_FILE_INPUT: join(folder, 'ticks.csv'),
    FORETICK_FILE_ROWS_PER_SECOND: `${ROWS_PER_SECOND}`,
    // What is in Redis may be lost; what a switch names may not.
    FORETICK_MODEL_STORE: 'files',
    FORETICK_MODEL_DIR: join(folder, 'models'),
    FORETICK_SNAPSHOT_DIR: join(folder, 'snapshots'),
    FORETICK_SNAPSHOT_MINUTES: '0.05',
    FORETICK_PORT: `${port}`,
    // A gateway that was down while another caught up must be able to tell all of it.
    FORETICK_RING_ENTRIES: '65536',
    FORETICK_MAX_BUFFERED_BYTES: '67108864',
  };
}

async function heardTicks(log: EventLog): Promise<Heard<number>> {
  const heard = new Heard<number>();
  let count = 0;
  const reading = await log.follow({
    topic: 'ticks',
    startAt: () => 0n,
    onBatch: async ({ records }) => {
      count += records.length;
      heard.push(count);
    },
  });
  // It ends with its log; who waits has a deadline.
  reading.done.catch(() => undefined);
  return heard;
}

function srcsHeard({ heard }: Witness): string[][] {
  const srcs: string[][] = Array.from({ length: PARTITIONS }, () => []);
  for (const { position } of heard.all) srcs[position.partition].push(position.src);
  return srcs;
}
