import type { FeedNumber } from '#shared/market/tick.ts';
import type { Clock } from '#shared/runtime/clock.ts';
import { isAfter } from './feed-position.ts';
import type { SourceRow, TickSource } from './source.ts';

const STEP_MS = 20;

export interface Pace {
  readonly clock: Clock;
  readonly rowsPerSecond: number;
  /** Rows up to it pass at once: the log has them from an earlier life. */
  readonly after: FeedNumber | null;
}

/** A finite source at a steady pace, as a live feed. A log that could not take rows for a while gets them as soon as it can. */
export function pacedSource(source: TickSource, pace: Pace): TickSource {
  const stopped = new AbortController();
  return {
    open: () => source.open(),
    rows: () => pacedRows(source, pace, stopped.signal),
    close: async () => {
      stopped.abort();
      await source.close();
    },
  };
}

async function* pacedRows(
  source: TickSource,
  { clock, rowsPerSecond, after }: Pace,
  stopped: AbortSignal,
): AsyncGenerator<readonly SourceRow[]> {
  let startMs: number | null = null;
  let passed = 0;
  for await (const batch of source.rows()) {
    const known = knownOf(batch, after);
    if (known.length > 0) yield known;
    for (let at = known.length; at < batch.length && !stopped.aborted; ) {
      startMs ??= clock.nowMs();
      const due = 1 + Math.floor(((clock.nowMs() - startMs) / 1000) * rowsPerSecond) - passed;
      const rows = batch.slice(at, at + Math.max(0, due));
      if (rows.length > 0) yield rows;
      else await clock.sleep(STEP_MS, stopped);
      at += rows.length;
      passed += rows.length;
    }
  }
}

function knownOf(batch: readonly SourceRow[], after: FeedNumber | null): readonly SourceRow[] {
  const first = batch.findIndex((row) => isAfter(row, after));
  return first === -1 ? batch : batch.slice(0, first);
}
