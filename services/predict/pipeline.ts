import { setImmediate as turn } from 'node:timers/promises';
import { concatMap, defer, last, map, type Observable, reduce, tap } from 'rxjs';
import type { FoldOutput } from '#shared/forecast/fold-output.ts';
import type { LogBatch, LogRecord } from '#shared/log/event-log.ts';
import type { PartitionOwner } from './partition-owner.ts';

export interface PipelineOptions {
  /** Records folded before other work of the process gets its turn. */
  readonly sliceRecords: number;
  /** Told of every slice what it made. */
  readonly onFolded: (out: FoldOutput) => void;
}

/**
 * The path of one batch; the page to read first. It is a finite stream per batch, since RxJS has no back-pressure: the log hands
 * out the next batch when this one has completed.
 *
 * records -> slices -> [features -> LSTM step -> quantiles -> calibration -> forecast, per tick] -> one commit
 *
 * Emits the offset after what is folded, once forecasts, state and position stand in the store together.
 */
export function predictPipeline(
  batch: LogBatch,
  owner: PartitionOwner,
  { sliceRecords, onFolded }: PipelineOptions,
): Observable<bigint> {
  const next = batch.records[batch.records.length - 1].offset + 1n;
  return defer(() => slicesOf(owner.unfolded(batch.records), sliceRecords)).pipe(
    concatMap(async (slice) => {
      await turn();
      await owner.prefetch(slice);
      return slice;
    }),
    map((slice) => owner.fold(slice)),
    tap(onFolded),
    reduce<FoldOutput, FoldOutput | null>(joined, null),
    concatMap(async (out) => {
      if (out !== null) await owner.commit(next, out);
      return owner.next;
    }),
    last(),
  );
}

function slicesOf(records: readonly LogRecord[], size: number): LogRecord[][] {
  const slices: LogRecord[][] = [];
  for (let k = 0; k < records.length; k += size) slices.push(records.slice(k, k + size));
  return slices;
}

function joined(all: FoldOutput | null, out: FoldOutput): FoldOutput {
  if (all === null) return out;
  all.entries.push(...out.entries);
  all.scores.push(...out.scores);
  all.rejects.push(...out.rejects);
  return all;
}
