import { expect, test } from 'vitest';
import { Heard } from '#test/builders/heard.ts';
import { many, type OpenLog } from './log-records.ts';

/** Of a log that deletes by itself, hence knows its readers. */
export function retentionThatWaits(openLog: OpenLog): void {
  test('retention waits for a reading that is behind, and goes on when it has caught up', async () => {
    const log = await openLog({ retainRecords: 10 });
    const heard = new Heard<bigint>();
    const gate = Promise.withResolvers<void>();
    const reading = await log.follow({
      topic: 'scores',
      startAt: () => 0n,
      onBatch: async ({ records }) => {
        for (const { offset } of records) heard.push(offset);
        await gate.promise;
      },
    });
    await log.append('scores', 0, many(1));
    await heard.until((all) => all.length === 1, 'the first record');
    for (let k = 0; k < 4; k++) await log.append('scores', 0, many(10));
    expect(await log.bounds('scores', 0)).toMatchObject({ start: 0n, end: 41n });
    gate.resolve();
    await heard.until((all) => all.length === 41, 'all records');
    expect(heard.all).toEqual(Array.from({ length: 41 }, (_, k) => BigInt(k)));
    await reading.stop();
    await log.append('scores', 0, many(1));
    expect(await log.bounds('scores', 0)).toMatchObject({ start: 32n, end: 42n });
  });

  test('what a reading that failed had not dealt with is kept', async () => {
    const log = await openLog({ retainRecords: 10 });
    await log.append('scores', 0, many(5));
    const onBatch = async (): Promise<void> => {
      throw new Error('as a fold that fails');
    };
    const reading = await log.follow({ topic: 'scores', startAt: () => 2n, onBatch });
    await expect(reading.done).rejects.toThrow('as a fold that fails');
    await log.append('scores', 0, many(20));
    expect(await log.bounds('scores', 0)).toMatchObject({ start: 2n, end: 25n });
  });
}

/** Of a log whose brokers delete, by age and whoever reads. */
export function retentionThatOvertakes(openLog: OpenLog): void {
  test('a follower that retention has overtaken is told so instead of skipping', async () => {
    const log = await openLog({ retainRecords: 10 });
    const heard = new Heard<number>();
    const gate = Promise.withResolvers<void>();
    const reading = await log.follow({
      topic: 'scores',
      startAt: () => 0n,
      onBatch: async ({ records }) => {
        heard.push(records.length);
        await gate.promise;
      },
    });
    await log.append('scores', 0, many(1));
    await heard.until((all) => all.length === 1, 'the first record');
    for (let k = 0; k < 4; k++) await log.append('scores', 0, many(10));
    gate.resolve();
    await expect(reading.done).rejects.toMatchObject({ code: 'LOG_TRUNCATED' });
    expect(heard.all).toEqual([1]);
  });
}
