import type { Metrics } from '#shared/runtime/metrics.ts';
import type { Ingested } from './pipeline.ts';

/** What ingest counts, as metrics and for its last log event. */
export function ingestCounts(metrics: Metrics): {
  add(ingested: Ingested, symbolCount: number): void;
  rejects(): Readonly<Record<string, number>>;
} {
  const ticks = metrics.counter('foretick_ingest_ticks_total', 'Ticks appended to the log');
  const refused = metrics.counter('foretick_ingest_rejects_total', 'Rows that were no ticks', [
    'reason',
  ]);
  const repeated = metrics.counter(
    'foretick_ingest_repeats_total',
    'Rows that the log had from before a restart',
  );
  const symbols = metrics.gauge(
    'foretick_ingest_symbols',
    'Symbols that were let in since the start',
  );
  const sums = new Map<string, number>();
  return {
    add: ({ tickCount, repeatedCount, rejects }, symbolCount) => {
      symbols.set(symbolCount);
      ticks.add(tickCount);
      repeated.add(repeatedCount);
      for (const [reason, count] of rejects) {
        refused.add(count, { reason });
        sums.set(reason, (sums.get(reason) ?? 0) + count);
      }
    },
    rejects: () => Object.fromEntries(sums),
  };
}
