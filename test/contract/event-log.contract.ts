import { describe, expect, onTestFinished, test } from 'vitest';
import type { EventLog, LogRecord } from '#shared/log/event-log.ts';
import { Heard } from '#test/builders/heard.ts';
import { endingOfReadings, following } from './following.contract.ts';
import { allOf, bytesOf, type LogWish, many, type OpenLog, textOf } from './log-records.ts';
import { retentionThatOvertakes, retentionThatWaits } from './retention.contract.ts';
import { oneMemberGroups, sharingGroups, subscribing } from './subscribing.contract.ts';

export interface LogUnderTest {
  readonly log: EventLog;
  /** Ends it as a process would that closes in order, and opens the same log again; absent where nothing outlives the process. */
  readonly reopen?: () => Promise<EventLog>;
  readonly close: () => Promise<void>;
}

/** What adapters may choose. */
export interface LogTraits {
  /** Whether members of a group share its partitions; else the newest has all, and the one before it ends. */
  readonly sharesGroups?: boolean;
  /** Whether retention waits for readings; else it may overtake them, and they are told. True where absent. */
  readonly retentionWaits?: boolean;
}

/** What every EventLog promises. */
export function eventLogContract(
  name: string,
  open: (wish: LogWish) => Promise<LogUnderTest>,
  { sharesGroups = false, retentionWaits = true }: LogTraits = {},
): void {
  const openHere = async (wish: LogWish = {}): Promise<LogUnderTest> => {
    const opened = await open(wish);
    onTestFinished(opened.close);
    return opened;
  };
  const openLog = async (wish: LogWish = {}): Promise<EventLog> => (await openHere(wish)).log;

  describe(`${name} is an event log`, () => {
    appendAndRead(openLog);
    following(openLog);
    if (retentionWaits) retentionThatWaits(openLog);
    else retentionThatOvertakes(openLog);
    endingOfReadings(openLog);
    subscribing(openLog);
    if (sharesGroups) sharingGroups(openLog);
    else oneMemberGroups(openLog);
    restart(openHere, sharesGroups);
  });
}

function appendAndRead(openLog: OpenLog): void {
  test('records keep the order of their appends, and their offsets have no gap', async () => {
    const log = await openLog();
    expect(await log.append('ticks', 1, many(3, 'a'))).toEqual({ first: 0n });
    expect(await log.append('ticks', 1, many(2, 'b'))).toEqual({ first: 3n });
    const records = await allOf(log, 'ticks', 1);
    expect(records.map(textOf)).toEqual(['a0', 'a1', 'a2', 'b0', 'b1']);
    expect(records.map((record) => record.offset)).toEqual([0n, 1n, 2n, 3n, 4n]);
    expect(await allOf(log, 'ticks', 0)).toEqual([]);
    expect(await allOf(log, 'forecasts', 1)).toEqual([]);
  });

  test('an append of many stays together among others that run at the same time', async () => {
    const log = await openLog();
    const blocks = Array.from({ length: 12 }, (_, block) => many(40, `${block}:`));
    const firsts = await Promise.all(blocks.map((block) => log.append('ticks', 0, block)));
    const texts = (await allOf(log, 'ticks', 0)).map(textOf);
    expect(texts.length).toBe(480);
    firsts.forEach(({ first }, block) => {
      const at = Number(first);
      expect(texts.slice(at, at + 40)).toEqual(
        blocks[block].map((b) => new TextDecoder().decode(b)),
      );
    });
  });

  test('an append of nothing says where the next record goes, and adds none', async () => {
    const log = await openLog();
    await log.append('scores', 0, many(2));
    expect(await log.append('scores', 0, [])).toEqual({ first: 2n });
    expect((await log.bounds('scores', 0)).end).toBe(2n);
  });

  test('a record is what it was at its append, whatever becomes of the buffer', async () => {
    const log = await openLog();
    const buffer = bytesOf('before');
    await log.append('models', 0, [buffer]);
    buffer.fill(0);
    expect((await allOf(log, 'models', 0)).map(textOf)).toEqual(['before']);
  });

  test('empty and large records come back whole', async () => {
    const log = await openLog();
    const large = Uint8Array.from({ length: 600_000 }, (_, k) => k % 251);
    await log.append('forecasts', 0, [new Uint8Array(0), large]);
    const [empty, back] = await allOf(log, 'forecasts', 0);
    expect(empty.value.length).toBe(0);
    expect(Buffer.compare(back.value, large)).toBe(0);
  });

  test('a read gives exactly the range that was asked for and exists, at most 1,000 a batch', async () => {
    const log = await openLog();
    await log.append('ticks', 0, many(2_500));
    const sizes: number[] = [];
    const offsets: bigint[] = [];
    for await (const batch of log.read('ticks', 0, 100n, 2_300n)) {
      sizes.push(batch.length);
      offsets.push(...batch.map((record) => record.offset));
    }
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1_000);
    expect(offsets).toEqual(Array.from({ length: 2_200 }, (_, k) => BigInt(100 + k)));
    const beyond: LogRecord[] = [];
    for await (const batch of log.read('ticks', 0, 2_499n, 9_999n)) beyond.push(...batch);
    expect(beyond.map(textOf)).toEqual(['2499']);
  });

  test('what is older than the newest that are kept is gone, and reading it is an error', async () => {
    const log = await openLog({ retainRecords: 100 });
    for (let k = 0; k < 5; k++) await log.append('ticks', 0, many(50));
    const { start, end } = await log.bounds('ticks', 0);
    expect([start, end]).toEqual([150n, 250n]);
    const reading = async (): Promise<void> => {
      for await (const _ of log.read('ticks', 0, 149n, 250n));
    };
    await expect(reading()).rejects.toMatchObject({ code: 'LOG_TRUNCATED' });
    const kept: LogRecord[] = [];
    for await (const batch of log.read('ticks', 0, 150n, 250n)) kept.push(...batch);
    expect(kept.length).toBe(100);
  });

  test('a partition that the topic does not have is refused', async () => {
    const log = await openLog();
    const mismatch = { code: 'LOG_MISMATCH' };
    await expect(log.append('ticks', 2, many(1))).rejects.toMatchObject(mismatch);
    await expect(log.append('scores', 1, many(1))).rejects.toMatchObject(mismatch);
    await expect(log.bounds('ticks', -1)).rejects.toMatchObject(mismatch);
  });

  test('each topic has its own identity', async () => {
    const log = await openLog();
    const ticks = await log.bounds('ticks', 0);
    expect((await log.bounds('ticks', 1)).topicId).toBe(ticks.topicId);
    expect((await log.bounds('forecasts', 0)).topicId).not.toBe(ticks.topicId);
  });
}

function restart(openHere: (wish?: LogWish) => Promise<LogUnderTest>, sharesGroups: boolean): void {
  test('after a restart everything acknowledged is there, and offsets and generations go on', async ({
    skip,
  }) => {
    const { log, reopen } = await openHere();
    if (reopen === undefined) return skip('nothing of it outlives its process');
    await log.append('ticks', 1, many(30));
    const join = async (on: EventLog): Promise<readonly number[]> => {
      const generations = new Heard<number>();
      const reading = await on.subscribe({
        topic: 'ticks',
        group: 'predict',
        onRevoked: () => undefined,
        onBatch: async () => undefined,
        onAssigned: async (_: number, generation: number): Promise<bigint> => {
          generations.push(generation);
          return 0n;
        },
      });
      await generations.until((all) => all.length === 2, 'both assignments');
      await reading.stop();
      return generations.all;
    };
    expect(await join(log)).toEqual([1, 1]);
    const before = await allOf(log, 'ticks', 1);
    const again = await reopen();
    expect(again.run).toBe(log.run);
    expect(await allOf(again, 'ticks', 1)).toEqual(before);
    expect(await again.append('ticks', 1, many(1))).toEqual({ first: 30n });
    // Where a group is shared, the leaving of its last member counts as a generation too.
    const next = sharesGroups ? 3 : 2;
    expect(await join(again)).toEqual([next, next]);
  });
}
