import { setImmediate as turn } from 'node:timers/promises';
import { concatMap, defer, last, map, type Observable, reduce } from 'rxjs';
import type { FoldOutput } from '#shared/forecast/fold-output.ts';
import type { LogBatch, LogRecord } from '#shared/log/event-log.ts';
import type { PartitionOwner } from './partition-owner.ts';

export interface PipelineOptions {
  /** Records folded before other work of the process gets its turn. */
  readonly sliceRecords: number;
  /** Whether the state must be saved with this batch: its owner is about to give the partition up. */
  readonly savesNow: () => boolean;
  /** Ends the wait for a model. */
  readonly signal: AbortSignal;
}

/**
 * The path of one batch; the page to read first. It is a finite stream per batch, since RxJS has no back-pressure: the log hands
 * out the next batch when this one has completed.
 *
 * records -> slices -> [features -> LSTM step -> quantiles -> calibration -> forecast, per tick] -> sent, and saved where due
 *
 * Emits the offset after what is folded, once its forecasts are on their way.
 */
export function predictPipeline(
  batch: LogBatch,
  owner: PartitionOwner,
  { sliceRecords, savesNow, signal }: PipelineOptions,
): Observable<bigint> {
  return defer(() => slicesOf(owner.unfolded(batch.records), sliceRecords)).pipe(
    concatMap(async (slice) => {
      await turn();
      await owner.prefetch(slice, signal);
      return slice;
    }),
    map((slice) => owner.fold(slice)),
    reduce<FoldOutput, FoldOutput | null>(joined, null),
    concatMap(async (out) => {
      if (out !== null) await owner.send(out, savesNow());
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
