import { expect, test } from 'vitest';
import { Heard } from '#test/builders/heard.ts';
import { many, type OpenLog } from './log-records.ts';

/** What `subscribe` of every EventLog promises beside `follow`. */
export function subscribing(openLog: OpenLog): void {
  test('a member is assigned every partition before it sees a batch of it', async () => {
    const log = await openLog();
    for (const p of [0, 1]) await log.append('ticks', p, many(6));
    const heard = new Heard<string>();
    const reading = await log.subscribe({
      topic: 'ticks',
      group: 'predict',
      onAssigned: async (partition, generation) => {
        heard.push(`${partition} assigned ${generation}`);
        return 4n;
      },
      onBatch: async ({ partition, records }) =>
        heard.push(`${partition} from ${records[0].offset}`),
      onRevoked: () => heard.push('revoked'),
    });
    await heard.until((all) => all.length === 4, 'two assignments and two batches');
    for (const p of [0, 1]) {
      const ofPartition = heard.all.filter((one) => one.startsWith(`${p}`));
      expect(ofPartition).toEqual([`${p} assigned 1`, `${p} from 4`]);
    }
    await reading.stop();
    expect(heard.all).not.toContain('revoked');
  });

  test('a second member of a group takes over with a higher generation', async () => {
    const log = await openLog();
    const heard = new Heard<string>();
    const join = (member: string, group: string) =>
      log.subscribe({
        topic: 'ticks',
        group,
        onAssigned: async (partition, generation) => {
          heard.push(`${member} assigned ${partition} in ${generation}`);
          return 0n;
        },
        onBatch: async ({ partition }) => heard.push(`${member} read ${partition}`),
        onRevoked: (partition) => heard.push(`${member} revoked ${partition}`),
      });
    const first = await join('a', 'predict');
    await heard.until((all) => all.length === 2, 'the assignments of a');
    const second = await join('b', 'predict');
    await first.done;
    const other = await join('c', 'another');
    await log.append('ticks', 0, many(1));
    await heard.until((all) => all.includes('b read 0') && all.includes('c read 0'), 'the record');
    expect(heard.all).toContain('a revoked 0');
    expect(heard.all).toContain('a revoked 1');
    expect(heard.all).toContain('b assigned 0 in 2');
    expect(heard.all).toContain('c assigned 0 in 1');
    expect(heard.all).not.toContain('a read 0');
    await Promise.all([second.stop(), other.stop()]);
  });

  test('an assignment that fails ends the subscription with its error', async () => {
    const log = await openLog();
    const reading = await log.subscribe({
      topic: 'ticks',
      group: 'predict',
      onAssigned: async (partition) => {
        if (partition === 1) throw new Error('no state for 1');
        return 0n;
      },
      onBatch: async () => undefined,
      onRevoked: () => undefined,
    });
    await expect(reading.done).rejects.toThrow('no state for 1');
  });
}
