import { expect, test } from 'vitest';
import type { LogBatch, LogRecord } from '#shared/log/event-log.ts';
import { countHeld } from '#test/builders/collect-garbage.ts';
import { Heard } from '#test/builders/heard.ts';
import { allOf, countOf, many, type OpenLog } from './log-records.ts';

/** What `follow` of every EventLog promises. */
export function following(openLog: OpenLog): void {
  test('a follower sees what was there and what comes, of every partition, once each', async () => {
    const log = await openLog();
    await log.append('ticks', 0, many(1_200, 'old'));
    const heard = new Heard<LogBatch>();
    const reading = await log.follow({
      topic: 'ticks',
      startAt: () => 0n,
      onBatch: async (batch) => heard.push(batch),
    });
    await heard.until((all) => countOf(all) === 1_200, 'the old records');
    await log.append('ticks', 1, many(3, 'new'));
    await log.append('ticks', 0, many(1, 'new'));
    await log.append('forecasts', 0, many(1, 'other'));
    await heard.until((all) => countOf(all) === 1_204, 'the new records');
    await reading.stop();
    for (const partition of [0, 1]) {
      const records = heard.all.filter((b) => b.partition === partition).flatMap((b) => b.records);
      expect(records).toEqual(await allOf(log, 'ticks', partition));
    }
    expect(heard.all.every((b) => b.records.length > 0 && b.records.length <= 1_000)).toBe(true);
  });

  test('a follower begins at the offset it asks for', async () => {
    const log = await openLog();
    for (const p of [0, 1]) await log.append('ticks', p, many(10));
    const heard = new Heard<LogBatch>();
    const startAt = (partition: number): bigint => (partition === 0 ? 7n : 10n);
    const onBatch = async (batch: LogBatch): Promise<void> => heard.push(batch);
    const reading = await log.follow({ topic: 'ticks', startAt, onBatch });
    await log.append('ticks', 1, many(1, 'next'));
    await heard.until((all) => countOf(all) === 4, 'three old records and a new one');
    await reading.stop();
    const seen = heard.all.flatMap((b) => b.records.map((r) => `${b.partition}@${r.offset}`));
    expect(seen.sort()).toEqual(['0@7', '0@8', '0@9', '1@10']);
  });

  test('the next batch of a partition waits for the last one, other partitions do not', async () => {
    const log = await openLog();
    const heard = new Heard<string>();
    const gate = Promise.withResolvers<void>();
    const reading = await log.follow({
      topic: 'ticks',
      startAt: () => 0n,
      onBatch: async ({ partition, records }) => {
        heard.push(`${partition}+${records.length}`);
        if (partition === 0) await gate.promise;
      },
    });
    await log.append('ticks', 0, many(1));
    await heard.until((all) => all.includes('0+1'), 'the batch that blocks');
    for (let k = 0; k < 3; k++) await log.append('ticks', 0, many(5));
    await log.append('ticks', 1, many(2));
    await heard.until((all) => all.includes('1+2'), 'the other partition');
    expect(heard.all.filter((one) => one.startsWith('0'))).toEqual(['0+1']);
    gate.resolve();
    await heard.until((all) => all.includes('0+15'), 'all that had waited, as one batch');
    await reading.stop();
  });

  test('every follower sees everything, and a slow one holds back no other', async () => {
    const log = await openLog();
    const gate = Promise.withResolvers<void>();
    const counts = [0, 0, 0];
    const heard = new Heard<number>();
    const readings = await Promise.all(
      counts.map((_, k) =>
        log.follow({
          topic: 'models',
          startAt: () => 0n,
          onBatch: async ({ records }) => {
            if (k === 0) await gate.promise;
            counts[k] += records.length;
            heard.push(k);
          },
        }),
      ),
    );
    for (let k = 0; k < 20; k++) await log.append('models', 0, many(3));
    await heard.until(() => counts[1] === 60 && counts[2] === 60, 'the quick followers');
    expect(counts[0]).toBe(0);
    gate.resolve();
    await heard.until(() => counts[0] === 60, 'the slow follower');
    await Promise.all(readings.map((reading) => reading.stop()));
  });

  test('a reading that goes on holds nothing of the records it has handed over', async () => {
    const log = await openLog();
    const seen: WeakRef<LogRecord>[] = [];
    const heard = new Heard<number>();
    await log.follow({
      topic: 'ticks',
      startAt: () => 0n,
      onBatch: async ({ records }) => {
        for (const record of records) seen.push(new WeakRef(record));
        heard.push(seen.length);
      },
    });
    for (let k = 1; k <= 20; k++) {
      await log.append('ticks', 0, many(1));
      await heard.until((all) => all.at(-1) === k, `record ${k} at the follower`);
    }
    // The newest batch may still be in hand.
    expect(await countHeld(seen)).toBeLessThanOrEqual(2);
  });

  test('a follower that begins where the log does not reach is told so', async () => {
    const log = await openLog({ retainRecords: 10 });
    await log.append('scores', 0, many(10));
    await log.append('scores', 0, many(10));
    const onBatch = async (): Promise<void> => undefined;
    for (const from of [9n, 21n]) {
      const reading = await log.follow({ topic: 'scores', startAt: () => from, onBatch });
      await expect(reading.done).rejects.toMatchObject({ code: 'LOG_TRUNCATED' });
    }
  });
}

/** How readings of every EventLog end. */
export function endingOfReadings(openLog: OpenLog): void {
  test('stop waits for the batch that runs, and none starts after it', async () => {
    const log = await openLog();
    const heard = new Heard<string>();
    const gate = Promise.withResolvers<void>();
    const reading = await log.follow({
      topic: 'ticks',
      startAt: () => 0n,
      onBatch: async () => {
        heard.push('began');
        await gate.promise;
        heard.push('ended');
      },
    });
    await log.append('ticks', 0, many(1));
    await heard.until((all) => all.length === 1, 'the first batch');
    await log.append('ticks', 0, many(1));
    const stopped = reading.stop().then(() => heard.push('stopped'));
    const again = reading.stop();
    await log.append('ticks', 1, many(1));
    expect(heard.all).toEqual(['began']);
    gate.resolve();
    await Promise.all([stopped, again, reading.done]);
    expect(heard.all).toEqual(['began', 'ended', 'stopped']);
  });

  test('a callback that throws ends its reading on every partition, and no other reading', async () => {
    const log = await openLog();
    const broken = new Heard<number>();
    const whole = new Heard<LogBatch>();
    const failing = await log.follow({
      topic: 'ticks',
      startAt: () => 0n,
      onBatch: async ({ partition }) => {
        broken.push(partition);
        throw new Error('the callback is broken');
      },
    });
    const other = await log.follow({
      topic: 'ticks',
      startAt: () => 0n,
      onBatch: async (batch) => whole.push(batch),
    });
    // Before the append: a log may give a record to its readers before it tells the writer.
    const failed = expect(failing.done).rejects.toThrow('the callback is broken');
    await log.append('ticks', 1, many(1));
    await failed;
    await failing.stop();
    for (const p of [0, 1]) await log.append('ticks', p, many(2));
    await whole.until((all) => countOf(all) === 5, 'everything, by the other reading');
    expect(broken.all).toEqual([1]);
    await other.stop();
  });

  test('closing ends the readings, and what comes later is refused', async () => {
    const log = await openLog();
    const onBatch = async (): Promise<void> => undefined;
    const reading = await log.follow({ topic: 'ticks', startAt: () => 0n, onBatch });
    await log.close();
    await reading.done;
    const closed = { code: 'LOG_CLOSED' };
    await expect(log.append('ticks', 0, many(1))).rejects.toMatchObject(closed);
    await expect(log.bounds('ticks', 0)).rejects.toMatchObject(closed);
    const late = log.follow({ topic: 'ticks', startAt: () => 0n, onBatch });
    await expect(late).rejects.toMatchObject(closed);
    await log.close();
  });
}
