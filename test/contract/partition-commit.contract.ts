import { describe, expect, onTestFinished, test } from 'vitest';
import type { EventLog } from '#shared/log/event-log.ts';
import { asSymbol } from '#shared/market/symbol.ts';
import type {
  Commit,
  Output,
  PartitionCommit,
  SymbolState,
} from '#shared/state/partition-commit.ts';
import { Heard } from '#test/builders/heard.ts';

export interface Stores {
  readonly log: EventLog;
  readonly store: PartitionCommit;
}

export interface CommitUnderTest extends Stores {
  /**
   * Whether log and state are one write. Where they are two, outputs come first, and those of a commit that was refused after
   * its first check may stand in the log.
   */
  readonly outputsAre: 'with the state' | 'before the state';
  /** Closes and opens again what outlives the owner of the partitions. */
  readonly reopen: () => Promise<Stores>;
  /** The same, for a log of another run over the same state. */
  readonly reopenAsAnotherRun: () => Promise<Stores>;
  /** Flips a bit in what is stored of the symbol, then opens again; absent where nobody but us can write there. */
  readonly corrupt?: (partition: number, symbol: string) => Promise<Stores>;
  readonly close: () => Promise<void>;
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const stateOf = (symbol: string, text: string): SymbolState => ({
  symbol: asSymbol(symbol),
  bytes: bytesOf(text),
});
const outputOf = (topic: Output['topic'], partition: number, ...texts: string[]): Output => ({
  topic,
  partition,
  values: texts.map(bytesOf),
});

/** Everything that a store says of a partition, as text. Claiming fences, so the test that looks is the owner after it. */
async function seen({ log, store }: Stores, partition: number) {
  const claim = await store.claim(partition, 0);
  const symbols: Record<string, string> = {};
  for await (const page of store.load(partition)) {
    for (const { symbol, bytes } of page) symbols[symbol] = new TextDecoder().decode(bytes);
  }
  const outputs: string[] = [];
  for await (const batch of log.read('forecasts', partition, 0n, 1n << 62n)) {
    outputs.push(...batch.map((record) => new TextDecoder().decode(record.value)));
  }
  const { header } = claim;
  const partitionState = new TextDecoder().decode(header?.partitionState ?? new Uint8Array(0));
  return { next: header?.next ?? null, partitionState, symbols, outputs };
}

const NOTHING = { next: null, partitionState: '', symbols: {}, outputs: [] };

/** A commit of partition 0 from genesis to 10, unless said otherwise. */
function aCommit(token: string, over: Partial<Commit> = {}): Commit {
  return {
    partition: 0,
    token,
    base: 0n,
    next: 10n,
    partitionState: bytesOf('all'),
    symbols: [stateOf('a', 'a1'), stateOf('b', 'b1')],
    outputs: [outputOf('forecasts', 0, 'f1', 'f2')],
    ...over,
  };
}

/** What every PartitionCommit promises. */
export function partitionCommitContract(name: string, open: () => Promise<CommitUnderTest>): void {
  const openHere = async (): Promise<CommitUnderTest> => {
    const opened = await open();
    onTestFinished(opened.close);
    return opened;
  };
  describe(`${name} moves state and position together`, () => {
    committing(openHere);
    refusing(openHere);
    outliving(openHere);
  });
}

function committing(open: () => Promise<CommitUnderTest>): void {
  test('a partition that was never committed has no header and no symbols', async () => {
    const stores = await open();
    expect(await seen(stores, 0)).toEqual(NOTHING);
  });

  test('a commit moves position, state and outputs; a later one changes only its symbols', async () => {
    const stores = await open();
    const { token } = await stores.store.claim(0, 1);
    await stores.store.commit(aCommit(token));
    await stores.store.commit(
      aCommit(token, {
        base: 10n,
        next: 15n,
        partitionState: bytesOf('later'),
        symbols: [stateOf('b', 'b2'), stateOf('venue:c', 'c1')],
        outputs: [
          outputOf('forecasts', 0, 'f3', 'f4'),
          outputOf('scores', 0, 's1'),
          outputOf('forecasts', 0, 'f5'),
        ],
      }),
    );
    expect(await seen(stores, 0)).toEqual({
      next: 15n,
      partitionState: 'later',
      symbols: { a: 'a1', b: 'b2', 'venue:c': 'c1' },
      outputs: ['f1', 'f2', 'f3', 'f4', 'f5'],
    });
    expect((await stores.log.bounds('scores', 0)).end).toBe(1n);
    expect(await seen(stores, 1)).toEqual(NOTHING);
  });

  test('the header of a claim names the run of the log', async () => {
    const { log, store } = await open();
    await store.commit(aCommit((await store.claim(0, 1)).token));
    expect((await store.claim(0, 2)).header).toMatchObject({ run: log.run, next: 10n });
  });

  test('followers are told of the outputs of a commit', async () => {
    const { log, store } = await open();
    const heard = new Heard<number>();
    const reading = await log.follow({
      topic: 'forecasts',
      startAt: () => 0n,
      onBatch: async ({ records }) => heard.push(records.length),
    });
    await store.commit(aCommit((await store.claim(0, 1)).token));
    await heard.until((all) => all[0] === 2, 'both forecasts');
    await reading.stop();
  });

  test('every one of many symbols is loaded once, page by page', async () => {
    const { store } = await open();
    const { token } = await store.claim(1, 1);
    const symbols = Array.from({ length: 700 }, (_, k) => stateOf(`s${k}`, `state of ${k}`));
    await store.commit(aCommit(token, { partition: 1, symbols, outputs: [] }));
    const pages: (readonly SymbolState[])[] = [];
    for await (const page of store.load(1)) pages.push(page);
    expect(pages.length).toBeGreaterThan(1);
    const loaded = pages
      .flat()
      .map(({ symbol, bytes }) => [symbol, new TextDecoder().decode(bytes)]);
    expect(new Map(loaded as [string, string][])).toEqual(
      new Map(symbols.map((_, k) => [`s${k}`, `state of ${k}`])),
    );
    expect(loaded.length).toBe(700);
  });

  test('symbols are not handed out under the header of a position that the store has left', async () => {
    const { store } = await open();
    const claim = await store.claim(0, 1);
    await store.commit(aCommit(claim.token));
    const { header } = await store.claim(0, 2);
    const load = async (at: bigint | undefined): Promise<number> => {
      let count = 0;
      for await (const page of store.load(0, at)) count += page.length;
      return count;
    };
    expect(await load(header?.next)).toBe(2);
    await expect(load(9n)).rejects.toMatchObject({ code: 'STATE_CONFLICT' });
  });

  test('state of hundreds of kilobytes comes back whole, ready to be viewed as floats', async () => {
    const { store } = await open();
    const { token } = await store.claim(0, 1);
    const floats = Float64Array.from({ length: 40_000 }, (_, k) => Math.sqrt(k));
    const bytes = new Uint8Array(floats.buffer);
    await store.commit(aCommit(token, { symbols: [{ symbol: asSymbol('a'), bytes }] }));
    floats.fill(0);
    for await (const [only] of store.load(0)) {
      const back = new Float64Array(only.bytes.buffer, only.bytes.byteOffset, 40_000);
      expect(back[39_999]).toBe(Math.sqrt(39_999));
    }
  });
}

function refusing(open: () => Promise<CommitUnderTest>): void {
  test('an older claim is fenced, and nothing of its commit happens', async () => {
    const stores = await open();
    const stale = await stores.store.claim(0, 1);
    const fresh = await stores.store.claim(0, 1);
    expect(fresh.token).not.toBe(stale.token);
    const fenced = { code: 'STATE_FENCED' };
    await expect(stores.store.commit(aCommit(stale.token))).rejects.toMatchObject(fenced);
    expect(await seen(stores, 0)).toEqual(NOTHING);
    await expect(stores.store.commit(aCommit(fresh.token))).rejects.toMatchObject(fenced);
  });

  test('a partition that nobody claimed takes no commit', async () => {
    const stores = await open();
    const commit = stores.store.commit(aCommit('0'.repeat(32)));
    await expect(commit).rejects.toMatchObject({ code: 'STATE_FENCED' });
    expect(await seen(stores, 0)).toEqual(NOTHING);
  });

  test('a claim of a lower generation is refused and fences nobody; an unknown one passes', async () => {
    const { store } = await open();
    const owner = await store.claim(0, 7);
    await expect(store.claim(0, 6)).rejects.toMatchObject({ code: 'STATE_FENCED' });
    await store.commit(aCommit(owner.token));
    await store.claim(0, 0);
    await expect(store.claim(0, 6)).rejects.toMatchObject({ code: 'STATE_FENCED' });
    await store.claim(0, 7);
    await store.claim(1, 1);
  });

  test('a commit folded from another offset than the stored one conflicts and changes nothing', async () => {
    const stores = await open();
    const { token } = await stores.store.claim(0, 1);
    await stores.store.commit(aCommit(token));
    const conflict = { code: 'STATE_CONFLICT' };
    const symbols = [stateOf('a', 'wrong')];
    for (const base of [0n, 9n, 11n]) {
      const commit = aCommit(token, { base, next: 20n, symbols });
      await expect(stores.store.commit(commit)).rejects.toMatchObject(conflict);
    }
    const backwards = aCommit(token, { base: 10n, next: 9n, symbols });
    await expect(stores.store.commit(backwards)).rejects.toMatchObject(conflict);
    expect(await seen(stores, 0)).toEqual({
      next: 10n,
      partitionState: 'all',
      symbols: { a: 'a1', b: 'b1' },
      outputs: ['f1', 'f2'],
    });
  });

  test('of two commits from the same base at once, one happens', async () => {
    const stores = await open();
    const { token } = await stores.store.claim(0, 1);
    const results = await Promise.allSettled([
      stores.store.commit(aCommit(token)),
      stores.store.commit(aCommit(token)),
    ]);
    expect(results.map((result) => result.status).sort()).toEqual(['fulfilled', 'rejected']);
    const { outputs, ...state } = await seen(stores, 0);
    expect(state).toEqual({ next: 10n, partitionState: 'all', symbols: { a: 'a1', b: 'b1' } });
    const once = ['f1', 'f2'];
    if (stores.outputsAre === 'with the state') expect(outputs).toEqual(once);
    else expect([once, [...once, ...once]]).toContainEqual(outputs);
  });

  test('an output that cannot be appended takes the whole commit with it', async () => {
    const stores = await open();
    const { token } = await stores.store.claim(0, 1);
    const outputs = [outputOf('forecasts', 0, 'f1'), outputOf('forecasts', 99, 'lost')];
    const commit = stores.store.commit(aCommit(token, { outputs }));
    await expect(commit).rejects.toMatchObject({ code: 'LOG_MISMATCH' });
    const { outputs: written, ...state } = await seen(stores, 0);
    const { outputs: none, ...stateBefore } = NOTHING;
    expect(state).toEqual(stateBefore);
    expect(written).toEqual(stores.outputsAre === 'with the state' ? none : ['f1']);
  });
}

function outliving(open: () => Promise<CommitUnderTest>): void {
  test('position and state outlive their owner, and fence it', async () => {
    const under = await open();
    const { token } = await under.store.claim(0, 4);
    await under.store.commit(aCommit(token));
    const again = await under.reopen();
    await expect(again.store.claim(0, 3)).rejects.toMatchObject({ code: 'STATE_FENCED' });
    const after = await seen(again, 0);
    expect(after).toMatchObject({ next: 10n, symbols: { a: 'a1', b: 'b1' } });
    const late = again.store.commit(aCommit(token, { base: 10n, next: 11n }));
    await expect(late).rejects.toMatchObject({ code: 'STATE_FENCED' });
  });

  test('a claim that forgets leaves nothing of the old state and begins at 0', async () => {
    const under = await open();
    const old = await under.store.claim(0, 4);
    await under.store.commit(aCommit(old.token));
    await under.store.commit(aCommit((await under.store.claim(1, 4)).token, { partition: 1 }));
    await expect(under.store.claimEmpty(0, 3)).rejects.toMatchObject({ code: 'STATE_FENCED' });
    const { token, header } = await under.store.claimEmpty(0, 5);
    expect(header).toBeNull();
    const late = under.store.commit(aCommit(old.token, { base: 10n, next: 11n }));
    await expect(late).rejects.toMatchObject({ code: 'STATE_FENCED' });
    await under.store.commit(aCommit(token, { next: 4n, symbols: [stateOf('b', 'b2')] }));
    expect(await seen(under, 0)).toMatchObject({ next: 4n, symbols: { b: 'b2' } });
    expect(await seen(under, 1)).toMatchObject({ next: 10n, symbols: { a: 'a1', b: 'b1' } });
    await expect(under.store.claim(0, 4)).rejects.toMatchObject({ code: 'STATE_FENCED' });
  });

  test('state of another run is not claimed', async () => {
    const under = await open();
    await under.store.commit(aCommit((await under.store.claim(0, 1)).token));
    const again = await under.reopenAsAnotherRun();
    const refused = { code: 'STATE_WRONG_RUN' };
    await expect(again.store.claim(0, 2)).rejects.toMatchObject(refused);
    await expect(again.store.claimEmpty(0, 2)).rejects.toMatchObject(refused);
  });

  test('a symbol whose bytes have changed on the disk is not loaded', async ({ skip }) => {
    const under = await open();
    if (under.corrupt === undefined) return skip('nobody but us can write there');
    await under.store.commit(aCommit((await under.store.claim(0, 1)).token));
    const again = await under.corrupt(0, 'b');
    const loading = async (): Promise<void> => {
      for await (const _ of again.store.load(0));
    };
    await expect(loading()).rejects.toMatchObject({ code: 'BYTES_CORRUPT' });
    const { token } = await again.store.claimEmpty(0, 2);
    await again.store.commit(aCommit(token, { next: 3n, symbols: [], outputs: [] }));
    expect(await seen(again, 0)).toMatchObject({ next: 3n, symbols: {} });
  });
}
