import type { BeginControl } from '#shared/market/control.ts';
import type { RawTick } from '#shared/market/raw-tick.ts';

/** One row as it came, numbered. Rows that turn out bad have their number too, so that a second reading numbers alike. */
export interface SourceRow {
  /** Counts the rows of one feed epoch from 1. */
  readonly seq: bigint;
  readonly feedEpoch: number;
  /** `file:line`, or the feed's name. */
  readonly where: string;
  readonly raw: RawTick;
}

/** First and last event time, nanoseconds since 1970 UTC. */
export interface TimeSpan {
  readonly first: bigint;
  readonly last: bigint;
}

export interface SourceDescription {
  readonly feed: string;
  /** What the source knows of the run's first record. */
  readonly begin: Omit<BeginControl, 'kind'>;
  /** Of a finite source, bad rows included. */
  readonly rowCount?: number;
  readonly spanNs?: TimeSpan;
  /** sha256 (hex) of each file's bytes. */
  readonly inputs?: readonly { readonly name: string; readonly sha256: string }[];
}

/**
 * Where raw ticks come from. Promises: `open` finds every fault that does not lie in a single row, and answers the same when
 * it is called again; `rows` is pulled (the next batch is made when it is asked for), in the order of `seq`; `close` ends a
 * running `rows` at the next batch and wakes it where it sleeps.
 */
export interface TickSource {
  open(): Promise<SourceDescription>;
  /** Once per source, after `open`. Batches are not empty. */
  rows(): AsyncIterable<readonly SourceRow[]>;
  close(): Promise<void>;
}
