import { describe, expect, test } from 'vitest';
import { type Pacing, startIngest } from '#services/ingest/service.ts';
import { openMemoryLog } from '#shared/log/embedded/memory-log.ts';
import type { EventLog } from '#shared/log/event-log.ts';
import { encodeControl } from '#shared/market/tick-record.ts';
import { aWatchedLog } from '#test/builders/a-watched-log.ts';
import {
  aSourceRow,
  inBatches,
  isTick,
  partitionsOf,
  portsWith,
  REJECTING,
  rowsFrom,
  seqsOf,
} from '#test/builders/an-ingest.ts';

describe('pacing wait', () => {
  /** The trainer's part, once per id: a control in every partition. */
  function boundaries(log: EventLog, ids: number[], done = new Set<number>()): Pacing {
    return {
      everyTicks: 25,
      boundary: async (id) => {
        ids.push(id);
        if (done.has(id)) return;
        done.add(id);
        const control = encodeControl({ kind: 'refuse', id, reason: 'no better' });
        for (let p = 0; p < log.partitionCount; p++) await log.append('ticks', p, [control]);
      },
    };
  }

  /** Each partition as the boundary that each of its records belongs to: a tick to the one that comes next. */
  async function expectExact(log: EventLog): Promise<void> {
    for (const records of await partitionsOf(log)) {
      const later = records.filter((record) => isTick(record) || record.kind === 'refuse');
      const ids = later.map((record) =>
        isTick(record) ? Math.floor(Number(record.seq - 1n) / 25) + 0.5 : record.id,
      );
      expect(ids).toEqual([...ids].sort((a, b) => a - b));
      expect(ids.filter(Number.isInteger)).toEqual([1, 2, 3, 4]);
    }
  }

  test.each([1, 7, 25, 40, 1_000])(
    'batches of %i rows meet every boundary exactly',
    async (size) => {
      const log = openMemoryLog({ partitionCount: 3 });
      const ids: number[] = [];
      const ports = portsWith(log, inBatches(rowsFrom(110), size), boundaries(log, ids));
      await (await startIngest(ports, REJECTING)).done;
      expect(ids).toEqual([1, 2, 3, 4]);
      await expectExact(log);
    },
  );

  test('bad rows count, and after a crash every boundary is awaited again', async () => {
    const log = openMemoryLog({ partitionCount: 3 });
    const rows = rowsFrom(110).map((row) => (row.seq === 25n ? aSourceRow(25, { price: 0 }) : row));
    const done = new Set<number>();
    let left = 17;
    const brittle = aWatchedLog(log, async () => {
      left -= 1;
      if (left < 0) throw new Error('the process was killed');
    });
    const first = portsWith(brittle, inBatches(rows, 40), boundaries(log, [], done));
    await expect((await startIngest(first, REJECTING)).done).rejects.toThrow('killed');
    const ids: number[] = [];
    const second = portsWith(log, inBatches(rows, 40), boundaries(log, ids, done));
    await (await startIngest(second, REJECTING)).done;
    expect(ids).toEqual([1, 2, 3, 4]);
    await expectExact(log);
  });

  test('stop does not wait for a trainer that never answers', async () => {
    const log = openMemoryLog({ partitionCount: 1 });
    const asked = Promise.withResolvers<void>();
    const boundary = (): Promise<void> => {
      asked.resolve();
      return new Promise(() => {});
    };
    const ports = portsWith(log, [rowsFrom(110)], { everyTicks: 25, boundary });
    const ingest = await startIngest(ports, REJECTING);
    await asked.promise;
    await ingest.stop();
    await ingest.done;
    expect((await seqsOf(log))[0]).toHaveLength(25);
  });
});
