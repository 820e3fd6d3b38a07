import {
  concatMap,
  from,
  groupBy,
  lastValueFrom,
  map,
  mergeMap,
  type Observable,
  reduce,
  toArray,
} from 'rxjs';
import type { EventLog } from '#shared/log/event-log.ts';
import type { Door, Verdict } from './door.ts';
import type { SourceRow } from './sources/source.ts';

const LARGEST_APPEND = 1_000;

/** What one batch came to. */
export interface Ingested {
  readonly tickCount: number;
  readonly repeatedCount: number;
  readonly rejects: ReadonlyMap<string, number>;
}

/**
 * The path of one batch; the page to read first. It is a finite stream per batch, since RxJS has no back-pressure: the source is
 * asked for the next batch when this one is on the log.
 *
 * raw rows -> [parsed, numbers and times checked, by row] -> records by partition -> appended, rejects to their own topic
 */
export function ingestPipeline(
  rows: readonly SourceRow[],
  door: Door,
  log: EventLog,
): Observable<Ingested> {
  return from(rows).pipe(
    map((row) => door.judge(row)),
    // All of the batch is judged before any of it is appended, so a row that fails leaves nothing of its batch behind.
    toArray(),
    concatMap((verdicts) =>
      appended(verdicts, log).pipe(
        reduce((count, added) => count + added, 0),
        map((tickCount) => summary(verdicts, tickCount)),
      ),
    ),
  );
}

export function ingestBatch(
  rows: readonly SourceRow[],
  door: Door,
  log: EventLog,
): Promise<Ingested> {
  return lastValueFrom(ingestPipeline(rows, door, log));
}

/** Emits the number of ticks of every append. */
function appended(verdicts: readonly Verdict[], log: EventLog): Observable<number> {
  return from(destinations(verdicts)).pipe(
    groupBy(({ key }) => key),
    // Partitions are appended side by side: order is promised within one only, and inside a group it is kept.
    mergeMap((group) =>
      group.pipe(
        toArray(),
        concatMap((placed) => from(chunksOf(placed, LARGEST_APPEND))),
        concatMap(async (chunk) => {
          const [{ topic, partition }] = chunk;
          await log.append(
            topic,
            partition,
            chunk.map(({ record }) => record),
          );
          return topic === 'ticks' ? chunk.length : 0;
        }),
      ),
    ),
  );
}

interface Destination {
  readonly key: string;
  readonly topic: 'ticks' | 'rejects';
  readonly partition: number;
  readonly record: Uint8Array;
}

function destinations(verdicts: readonly Verdict[]): Destination[] {
  return verdicts.flatMap((verdict): Destination[] => {
    if (verdict.kind === 'repeated' || verdict.record === null) return [];
    const topic = verdict.kind === 'tick' ? 'ticks' : 'rejects';
    const partition = verdict.kind === 'tick' ? verdict.partition : 0;
    return [{ key: `${topic}/${partition}`, topic, partition, record: verdict.record }];
  });
}

function summary(verdicts: readonly Verdict[], tickCount: number): Ingested {
  const rejects = new Map<string, number>();
  let repeatedCount = 0;
  for (const verdict of verdicts) {
    if (verdict.kind === 'repeated') repeatedCount += 1;
    if (verdict.kind === 'reject') {
      rejects.set(verdict.reason, (rejects.get(verdict.reason) ?? 0) + 1);
    }
  }
  return { tickCount, repeatedCount, rejects };
}

function chunksOf<T>(items: readonly T[], size: number): T[][] {
  const chunks: T[][] = [];
  for (let k = 0; k < items.length; k += size) chunks.push(items.slice(k, k + size));
  return chunks;
}
