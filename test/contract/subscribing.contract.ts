import { expect, test } from 'vitest';
import type { EventLog, Reading } from '#shared/log/event-log.ts';
import { Heard } from '#test/builders/heard.ts';
import { many, type OpenLog } from './log-records.ts';

/** What `subscribe` of every EventLog promises beside `follow`. */
export function subscribing(openLog: OpenLog): void {
  test('a member is assigned every partition before it sees a batch of it', async () => {
    const log = await openLog();
    for (const p of [0, 1]) await log.append('ticks', p, many(6));
    const heard = new Heard<string>();
    const joined: (readonly number[])[] = [];
    const reading = await log.subscribe({
      topic: 'ticks',
      group: 'predict',
      onJoined: (partitions) => joined.push(partitions),
      onAssigned: async (partition, generation) => {
        heard.push(`${partition} assigned ${generation} of ${joined.at(-1)}`);
        return 4n;
      },
      onBatch: async ({ partition, records }) =>
        heard.push(`${partition} from ${records[0].offset}`),
      onRevoked: () => heard.push('revoked'),
    });
    await heard.until((all) => all.length === 4, 'two assignments and two batches');
    for (const p of [0, 1]) {
      const ofPartition = heard.all.filter((one) => one.startsWith(`${p}`));
      expect(ofPartition).toEqual([`${p} assigned 1 of 0,1`, `${p} from 4`]);
    }
    await reading.stop();
    expect(heard.all).not.toContain('revoked');
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

/** Of a log whose groups have one member at a time. */
export function oneMemberGroups(openLog: OpenLog): void {
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
}

/** Of a log whose groups share the partitions among their members. */
export function sharingGroups(openLog: OpenLog): void {
  test('two members share the partitions, and who stays takes over what the other leaves', async () => {
    const log = await openLog();
    for (const p of [0, 1]) await log.append('ticks', p, many(3));
    const heard = new Heard<Event>();
    const first = await joinAs(log, 'a', heard);
    await heard.until((all) => batchesOf(all, 'a').length === 2, 'a reads both');
    const second = await joinAs(log, 'b', heard);
    await heard.until(
      (all) => held(all, 'a').length === 1 && held(all, 'b').length === 1,
      'one each',
    );
    expect([...held(heard.all, 'a'), ...held(heard.all, 'b')].sort()).toEqual([0, 1]);
    const shared = Math.max(...heard.all.map(({ generation }) => generation));
    await first.stop();
    await heard.until((all) => held(all, 'b').length === 2, 'b has both');
    expect(Math.max(...heard.all.map(({ generation }) => generation))).toBeGreaterThan(shared);
    const before = heard.all.length;
    for (const p of [0, 1]) await log.append('ticks', p, many(1));
    const late = (all: readonly Event[]) => batchesOf(all.slice(before), 'b');
    await heard.until((all) => new Set(late(all)).size === 2, 'b reads both');
    expect(batchesOf(heard.all.slice(before), 'a')).toEqual([]);
    await second.stop();
  });

  test('a partition is handed over after what its revocation had to do', async () => {
    const log = await openLog();
    const heard = new Heard<string>();
    const first = await log.subscribe({
      topic: 'ticks',
      group: 'predict',
      onAssigned: async (partition) => {
        heard.push(`a assigned ${partition}`);
        return 0n;
      },
      onBatch: async () => undefined,
      onRevoked: async (partition) => {
        for (let k = 0; k < 5; k += 1) await log.append('rejects', 0, many(1));
        heard.push(`a saved ${partition}`);
      },
    });
    await heard.until((all) => all.length === 2, 'a has both');
    const second = await log.subscribe({
      topic: 'ticks',
      group: 'predict',
      onAssigned: async (partition) => {
        heard.push(`b assigned ${partition}`);
        return 0n;
      },
      onBatch: async () => undefined,
      onRevoked: () => undefined,
    });
    await heard.until((all) => all.some((one) => one.startsWith('b')), 'b has one');
    const taken = heard.all.findIndex((one) => one.startsWith('b'));
    expect(heard.all.slice(2, taken)).toEqual(expect.arrayContaining(['a saved 0', 'a saved 1']));
    await Promise.all([first.stop(), second.stop()]);
  });

  test('groups know nothing of each other', async () => {
    const log = await openLog();
    const heard = new Heard<Event>();
    const one = await joinAs(log, 'a', heard, 'one');
    const other = await joinAs(log, 'b', heard, 'other');
    await log.append('ticks', 0, many(1));
    const has = (all: readonly Event[], name: string) => batchesOf(all, name).includes(0);
    await heard.until((all) => has(all, 'a') && has(all, 'b'), 'the record, by both');
    expect(heard.all.filter(({ what }) => what === 'revoked')).toEqual([]);
    await Promise.all([one.stop(), other.stop()]);
  });
}

interface Event {
  readonly name: string;
  readonly what: 'assigned' | 'revoked' | 'batch';
  readonly partition: number;
  readonly generation: number;
}

function batchesOf(all: readonly Event[], name: string): readonly number[] {
  return all.filter((e) => e.name === name && e.what === 'batch').map((e) => e.partition);
}

function held(all: readonly Event[], name: string): readonly number[] {
  const now = new Set<number>();
  for (const event of all.filter((e) => e.name === name)) {
    if (event.what === 'assigned') now.add(event.partition);
    if (event.what === 'revoked') now.delete(event.partition);
  }
  return [...now];
}

function joinAs(
  log: EventLog,
  name: string,
  heard: Heard<Event>,
  group = 'predict',
): Promise<Reading> {
  return log.subscribe({
    topic: 'ticks',
    group,
    onAssigned: async (partition, generation) => {
      heard.push({ name, what: 'assigned', partition, generation });
      return 0n;
    },
    onBatch: async ({ partition }) => heard.push({ name, what: 'batch', partition, generation: 0 }),
    onRevoked: (partition) => heard.push({ name, what: 'revoked', partition, generation: 0 }),
  });
}
