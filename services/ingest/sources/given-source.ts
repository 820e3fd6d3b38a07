import type { SourceDescription, SourceRow, TickSource } from './source.ts';

export interface GivenSource extends TickSource {
  /** Batches that were asked for so far. */
  pulledCount(): number;
}

/** A source of rows that are already there: for tests, and for programs that hold their ticks. */
export function givenSource(
  batches: readonly (readonly SourceRow[])[],
  description: Partial<SourceDescription> = {},
): GivenSource {
  let pulled = 0;
  let isClosed = false;
  return {
    open: async () => ({ feed: 'given', begin: {}, ...description }),
    rows: async function* () {
      for (const batch of batches) {
        if (isClosed) return;
        pulled += 1;
        yield batch;
      }
    },
    close: async () => {
      isClosed = true;
    },
    pulledCount: () => pulled,
  };
}
