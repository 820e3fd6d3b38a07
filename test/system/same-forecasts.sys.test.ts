import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, onTestFailed, onTestFinished, test } from 'vitest';
import { openRecordedFolder } from '#services/replay/recorded-folder.ts';
import { recordedEnds } from '#services/replay/recording.ts';
import { RecordingCopy } from '#services/replay/recording-copy.ts';
import { decodeModelEvent } from '#shared/forecast/model-event-record.ts';
import type { EventLog } from '#shared/log/event-log.ts';
import { Random } from '#shared/nn/random.ts';
import { findShared, whyNone } from '#test/brokers/broker-source.ts';
import { sharedKafka, sharedRedis } from '#test/brokers/brokers.ts';
import { aFolder } from '#test/builders/a-folder.ts';
import { replayed, SMALL_TRAINING, USUAL_TRAINING } from '#test/builders/a-replay.ts';
import { DistributedRun } from '#test/builders/distributed-run.ts';
import { REACH_MS } from '#test/builders/eventually.ts';
import { Heard } from '#test/builders/heard.ts';
import { PublishedForecasts, srcsOfAll } from '#test/builders/published-forecasts.ts';
import type { RunningService } from '#test/builders/running-services.ts';
import { TICKS, whyNoTicks, writeTickSlice } from '#test/builders/tick-slice.ts';
import { wideFile } from '#test/builders/wide-file.ts';

const IS_LONG = process.env['FORETICK_TEST_LONG'] !== undefined;
const ROWS_PER_FILE = 4_000;
const PARTITIONS = 4;
/** Pieces of the log that come while a process comes, goes or crashes. */
const PIECES = 40;
const LEAST_PIECES = 5;
const missing = whyNoTicks() ?? whyNone(findShared('kafka'), findShared('redis'));

/** Trained by solo, which left the log behind that all others fold. */
interface First {
  readonly recording: string;
  readonly digest: string;
  readonly stateDigest: string;
  readonly tickCount: number;
  readonly switchCount: number;
  readonly forecastCount: number;
}

let folder: string;
let first: First;

beforeAll(async () => {
  if (missing !== null) return;
  folder = await mkdtemp(join(tmpdir(), 'foretick-same-'));
  const slice = join(folder, 'ticks');
  if (!IS_LONG) await writeTickSlice(slice, ROWS_PER_FILE);
  const input = IS_LONG ? TICKS : slice;
  const tape = `--input ${input} --symbol-from file --keep`;
  const summary = await replayed(folder, tape, IS_LONG ? USUAL_TRAINING : SMALL_TRAINING);
  first = { ...(summary as unknown as First), recording: join(`${summary['workFolder']}`, 'log') };
}, 600_000);

afterAll(async () => {
  if (missing === null) await rm(folder, { recursive: true });
});

test.skipIf(missing !== null)(
  'the recorded log folds to the same forecasts and state again',
  async () => {
    const again = await replayed(folder, `--input log:${first.recording}`);
    expect(first.switchCount).toBeGreaterThan(5);
    expect(again).toMatchObject({ digest: first.digest, stateDigest: first.stateDigest });
  },
);

test.skipIf(missing !== null)('it does so in one process on Kafka and Redis', async () => {
  const fed = await feeding();
  const predict = fed.run.services.start('predict');
  await fed.upTo(1);
  expect(await predict.stop()).toBe(0);
  await fed.expectSame();
});

test.skipIf(missing !== null)(
  'it does so in three processes that come, go and crash while ticks flow',
  async () => {
    const fed = await feeding();
    const members: RunningService[] = [];
    const comes = async () => {
      const member = fed.run.services.start('predict');
      members.push(member);
      await claims(member);
    };
    const crashes = async () => members.shift()?.kill();
    const goes = async () => expect(await members.shift()?.stop()).toBe(0);
    const changes = [
      comes,
      comes,
      comes,
      crashes,
      comes,
      goes,
      comes,
      crashes,
      comes,
      goes,
      crashes,
    ];
    for (const change of changes) {
      let isMade = false;
      const made = change().then(() => {
        isMade = true;
      });
      for (let piece = 0; piece < PIECES && !(isMade && piece > LEAST_PIECES); piece++) {
        await fed.upTo(fed.share + 1 / (PIECES * (changes.length + 1)));
      }
      await made;
    }
    await fed.upTo(1);
    for (const member of members) expect(await member.stop()).toBe(0);
    await fed.expectSame();
    const { tickCount, switchCount, forecastCount } = first;
    console.log(
      `${tickCount} ticks, ${switchCount} switches, ${forecastCount} forecasts the same in solo and in up to three processes with ${changes.length} changes among them; ${fed.published.repeatCount} forecasts written again`,
    );
  },
);

const noBrokers = whyNone(findShared('kafka'), findShared('redis'));

const TICKS_LIVE = { FORETICK_SIM_HISTORY_TICKS: '4000', FORETICK_SIM_TRADES_PER_SECOND: '20' };
const SERIES_LIVE = {
  FORETICK_SOURCE: 'file',
  FORETICK_FILE_LAYOUT: 'wide',
  FORETICK_FILE_ROWS_PER_SECOND: '60',
  FORETICK_MEASURE: 'value',
  FORETICK_SEASON_TICKS: '24',
  FORETICK_HORIZONS: Array.from({ length: 48 }, (_, k) => k + 1).join(','),
};

test.skipIf(noBrokers !== null).each([
  ['ticks', TICKS_LIVE],
  ['regular series', SERIES_LIVE],
])(
  'what four services forecast live on Kafka of %s, training as they go, a replay of their topics forecasts, too',
  async (_, kind) => {
    const input = join(await aFolder({ 'wide.csv': hoursOfDays() }), 'wide.csv');
    const run = await aRun({ ...SMALL_TRAINING, FORETICK_FILE_INPUT: input, ...kind });
    const log = await run.log();
    const published = await PublishedForecasts.of(log);
    const [train, predict, other, ingest] = (
      ['train', 'predict', 'predict', 'ingest'] as const
    ).map((name) => run.services.start(name));
    const serve = await run.services.start('serve').ready();
    await untilTrained(log, 8);
    for (const service of [ingest, train]) expect(await service.stop()).toBe(0);
    const folder = await aFolder({});
    const again = await replayed(folder, `--input kafka:${run.prefix} --keep`, run.settings);
    expect(again['switchCount']).toBeGreaterThanOrEqual(8);
    const refolded = await openRecordedFolder(join(`${again['workFolder']}`, 'log'));
    onTestFinished(() => refolded.close());
    const srcs = await srcsOfAll(refolded.log);
    await published.until(
      srcs.map((all) => all.at(-1) ?? null),
      REACH_MS,
    );
    for (const service of [predict, other, serve]) expect(await service.stop()).toBe(0);
    const { digest, forecastCount, stateDigest } = again;
    expect(await published.digest()).toMatchObject({ digest, forecastCount });
    expect(await run.stateDigest(log)).toBe(stateDigest);
  },
);

/** The recording on the log of a run of its own, brought there piece by piece. */
class Fed {
  share = 0;
  readonly run: DistributedRun;
  readonly published: PublishedForecasts;
  readonly #log: EventLog;
  readonly #copy: RecordingCopy;
  readonly #ends: readonly bigint[];
  /** Per partition, `src` of each of its forecasts, rising. */
  readonly #srcs: readonly (readonly bigint[])[];

  constructor(parts: {
    run: DistributedRun;
    published: PublishedForecasts;
    log: EventLog;
    copy: RecordingCopy;
    ends: readonly bigint[];
    srcs: readonly (readonly bigint[])[];
  }) {
    this.run = parts.run;
    this.published = parts.published;
    this.#log = parts.log;
    this.#copy = parts.copy;
    this.#ends = parts.ends;
    this.#srcs = parts.srcs;
  }

  /** Appends the recording up to this share of it, and waits for the forecasts of that. */
  async upTo(share: number): Promise<void> {
    this.share = share;
    const ends = this.#ends.map((end) => BigInt(Math.round(Number(end) * share)));
    await this.#copy.upTo(ends);
    const lasts = ends.map((end, p) => this.#srcs[p].findLast((src) => src < end) ?? null);
    await this.published.until(lasts, REACH_MS);
  }

  async expectSame(): Promise<void> {
    const { digest, stateDigest } = first;
    expect(await this.published.digest()).toMatchObject({ digest });
    expect(await this.run.stateDigest(this.#log)).toBe(stateDigest);
  }
}

async function feeding(): Promise<Fed> {
  const recording = await openRecordedFolder(first.recording);
  onTestFinished(() => recording.close());
  const run = await aRun();
  const log = await run.log();
  return new Fed({
    ...{ run, log, published: await PublishedForecasts.of(log) },
    copy: new RecordingCopy(recording, { log, models: await run.models() }),
    ends: await recordedEnds(recording),
    srcs: await srcsOfAll(recording.log),
  });
}

async function aRun(settings: Readonly<Record<string, string>> = {}): Promise<DistributedRun> {
  const [brokers, url] = [await sharedKafka(), await sharedRedis()];
  const run = new DistributedRun({ brokers, url, partitionCount: PARTITIONS, settings });
  onTestFinished(() => run.end());
  onTestFailed(() => console.error(run.services.saidByAll()));
  return run;
}

/** A wide file that lasts for minutes at the pace of a live feed. */
function hoursOfDays(): string {
  const random = new Random(3);
  return wideFile(['east', 'west'], 20_000, (row, column) => {
    const wave = Math.sin((2 * Math.PI * row) / 24 + column);
    return 3 * wave + random.normal();
  });
}

/** Resolves once so many trainings have their outcome in every partition. */
async function untilTrained(log: EventLog, count: number): Promise<void> {
  const outcomes = new Heard<number>();
  const reading = await log.follow({
    topic: 'models',
    startAt: () => 0n,
    onBatch: async ({ records }) => {
      for (const { value } of records) {
        const { event, id } = decodeModelEvent(value);
        if (event === 'switched') outcomes.push(id);
      }
    },
  });
  await outcomes.until((ids) => ids.length > count, `${count} switches`);
  await reading.stop();
}

async function claims(member: RunningService): Promise<void> {
  const deadline = AbortSignal.timeout(REACH_MS);
  while (!member.said.includes('partition claimed')) {
    if (!member.isRunning) throw new Error(`predict must join, ended and said:\n${member.said}`);
    await sleep(20, undefined, { signal: deadline });
  }
}
