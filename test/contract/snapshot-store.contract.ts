import { describe, expect, onTestFinished, test } from 'vitest';
import { asSymbol } from '#shared/market/symbol.ts';
import type { Snapshot, SnapshotName, SnapshotStore } from '#shared/state/snapshot-store.ts';

export interface SnapshotStoreUnderTest {
  readonly store: SnapshotStore;
  /** Over what the one before has written. */
  readonly reopen: () => Promise<SnapshotStore>;
  /** Flips a bit of what is stored, or cuts its end off. */
  readonly damage: (name: SnapshotName, how: 'flip' | 'cut') => Promise<void>;
  readonly close: () => Promise<void>;
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

function aSnapshot(next: bigint, over: Partial<Snapshot> = {}): Snapshot {
  return {
    run: 'a run/with ../slashes',
    partition: 0,
    next,
    takenAtMs: 1_700_000_000_000 + Number(next),
    partitionState: bytesOf(`all at ${next}`),
    symbols: ['venue:a', 'b'].map((name) => ({
      symbol: asSymbol(name),
      bytes: bytesOf(`${name} at ${next}`),
    })),
    ...over,
  };
}

const nameOf = ({ run, partition, next, takenAtMs }: Snapshot): SnapshotName => ({
  ...{ run, partition, next, takenAtMs },
});

/** What every SnapshotStore promises. */
export function snapshotStoreContract(
  name: string,
  open: () => Promise<SnapshotStoreUnderTest>,
): void {
  const openHere = async (): Promise<SnapshotStoreUnderTest> => {
    const opened = await open();
    onTestFinished(opened.close);
    return opened;
  };
  const positions = async (store: SnapshotStore, of = aSnapshot(0n)): Promise<bigint[]> =>
    (await store.list(of.run, of.partition)).map(({ next }) => next);

  describe(`${name} keeps full copies of partitions`, () => {
    test('a partition without a snapshot has none', async () => {
      const { store } = await openHere();
      expect(await store.list('a run', 3)).toEqual([]);
    });

    test('a snapshot reads back as it was written, after a restart too', async () => {
      const { store, reopen } = await openHere();
      await store.write(aSnapshot(20_000n));
      const again = await reopen();
      const [only] = await again.list(aSnapshot(0n).run, 0);
      expect(only).toEqual(nameOf(aSnapshot(20_000n)));
      expect(await again.read(only)).toEqual(aSnapshot(20_000n));
    });

    test('state of megabytes comes back whole', async () => {
      const { store } = await openHere();
      const symbols = Array.from({ length: 40 }, (_, k) => ({
        symbol: asSymbol(`s${k}`),
        bytes: Uint8Array.from({ length: 70_000 }, (__, n) => (n * 31 + k) % 256),
      }));
      const snapshot = aSnapshot(5n, { symbols });
      await store.write(snapshot);
      const back = (await store.read(nameOf(snapshot))).symbols;
      expect(back.map(({ symbol }) => symbol)).toEqual(symbols.map(({ symbol }) => symbol));
      // Not toEqual: its account of a difference in megabytes would take minutes.
      const isSame = back.map(({ bytes }, k) => Buffer.compare(bytes, symbols[k].bytes) === 0);
      expect(isSame).not.toContain(false);
    });

    test('of many the two furthest stay, furthest first, each partition and run by itself', async () => {
      const { store } = await openHere();
      for (const next of [9n, 100n, 20n, 300n, 1_000n]) await store.write(aSnapshot(next));
      await store.write(aSnapshot(7n, { partition: 1 }));
      await store.write(aSnapshot(8n, { run: 'another' }));
      expect(await positions(store)).toEqual([1_000n, 300n]);
      expect(await positions(store, aSnapshot(0n, { partition: 1 }))).toEqual([7n]);
      expect(await positions(store, aSnapshot(0n, { run: 'another' }))).toEqual([8n]);
    });

    test('the one just written stays though two stand further, which may be damaged', async () => {
      const { store } = await openHere();
      for (const next of [500n, 450n, 150n]) await store.write(aSnapshot(next));
      expect(await positions(store)).toEqual([500n, 150n]);
    });

    for (const how of ['flip', 'cut'] as const) {
      test(`one that was damaged (${how}) is refused, the one before is not`, async () => {
        const { store, damage } = await openHere();
        for (const next of [10n, 20n]) await store.write(aSnapshot(next));
        await damage(nameOf(aSnapshot(20n)), how);
        const refused = { code: 'BYTES_CORRUPT' };
        await expect(store.read(nameOf(aSnapshot(20n)))).rejects.toMatchObject(refused);
        expect(await store.read(nameOf(aSnapshot(10n)))).toEqual(aSnapshot(10n));
      });
    }

    test('one that is no longer there is refused like a damaged one', async () => {
      const { store } = await openHere();
      const refused = { code: 'BYTES_CORRUPT' };
      await expect(store.read(nameOf(aSnapshot(3n)))).rejects.toMatchObject(refused);
    });
  });
}
