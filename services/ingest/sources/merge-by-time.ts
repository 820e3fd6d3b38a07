import type { RawTick } from '#shared/market/raw-tick.ts';

/** A row of one file on its way into the merged stream. */
export interface TimedRow {
  /** Never falls within a file: a row that is late or has no time keeps its place behind the row before. */
  readonly keyNs: bigint;
  readonly where: string;
  readonly raw: RawTick;
}

interface Head {
  readonly batches: AsyncIterator<readonly TimedRow[]>;
  rows: readonly TimedRow[];
  at: number;
}

/** Rows of all inputs by rising key, ties in the order of the inputs. Holds one batch of each input. */
export async function* mergeByTime(
  inputs: readonly AsyncIterable<readonly TimedRow[]>[],
  rowsPerBatch: number,
): AsyncGenerator<readonly TimedRow[]> {
  const heads: Head[] = inputs.map((input) => {
    return { batches: input[Symbol.asyncIterator](), rows: [], at: 0 };
  });
  try {
    for (const head of [...heads]) await refill(head, heads);
    let batch: TimedRow[] = [];
    while (heads.length > 0) {
      const head = earliest(heads);
      batch.push(head.rows[head.at]);
      head.at += 1;
      if (head.at === head.rows.length) await refill(head, heads);
      if (batch.length < rowsPerBatch) continue;
      yield batch;
      batch = [];
    }
    if (batch.length > 0) yield batch;
  } finally {
    // Whoever stops early leaves files open otherwise.
    await Promise.all(heads.map((head) => head.batches.return?.()));
  }
}

/** The next batch of an input; one that has ended leaves. */
async function refill(head: Head, heads: Head[]): Promise<void> {
  const next = await head.batches.next();
  if (next.done === true) heads.splice(heads.indexOf(head), 1);
  else head.rows = next.value;
  head.at = 0;
}

function earliest(heads: readonly Head[]): Head {
  let first = heads[0];
  for (const head of heads) if (head.rows[head.at].keyNs < first.rows[first.at].keyNs) first = head;
  return first;
}
