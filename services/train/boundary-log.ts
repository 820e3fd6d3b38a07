import type {
  BoundaryEvent,
  ModelEvent,
  RefusedEvent,
  SwitchedEvent,
} from '#shared/forecast/model-event.ts';
import { decodeModelEvent, encodeModelEvent } from '#shared/forecast/model-event-record.ts';
import type { EventLog } from '#shared/log/event-log.ts';
import type {
  Control,
  OffsetRange,
  RefuseControl,
  SwitchControl,
  TrainControl,
} from '#shared/market/control.ts';
import { decodeTickRecord, encodeControl, isControlRecord } from '#shared/market/tick-record.ts';
import { TrainHistoryError } from './train-errors.ts';

export type Outcome = SwitchedEvent | RefusedEvent;

/** A boundary as `models` tells it. */
export interface LoggedBoundary {
  readonly boundary: BoundaryEvent;
  readonly outcome: Outcome | null;
}

/**
 * All boundaries in order, from `models`.
 *
 * @throws TrainHistoryError `TRAIN_HISTORY_BROKEN` where an id does not rise, or an outcome has no boundary
 */
export async function readBoundaries(log: EventLog): Promise<LoggedBoundary[]> {
  const { start, end } = await log.bounds('models', 0);
  const boundaries = new Map<number, LoggedBoundary>();
  let lastId = 0;
  for await (const records of log.read('models', 0, start, end)) {
    for (const { offset, value } of records) {
      const event = decodeModelEvent(value);
      takeEvent(boundaries, event, { offset, lastId });
      lastId = Math.max(lastId, event.id);
    }
  }
  return [...boundaries.values()];
}

function takeEvent(
  boundaries: Map<number, LoggedBoundary>,
  event: ModelEvent,
  { offset, lastId }: { readonly offset: bigint; readonly lastId: number },
): void {
  const known = boundaries.get(event.id);
  if (event.event === 'boundary' ? event.id <= lastId : known === undefined) {
    throw new TrainHistoryError(
      `models/0/${offset} must follow its boundary, was '${event.event}' ${event.id} after boundary ${lastId}`,
      { offset: `${offset}`, id: event.id, lastId },
    );
  }
  if (event.event === 'boundary') {
    boundaries.set(event.id, { boundary: event, outcome: null });
  } else if (known?.outcome === null) {
    boundaries.set(event.id, { boundary: known.boundary, outcome: event });
  }
}

export async function announce(log: EventLog, event: BoundaryEvent | Outcome): Promise<void> {
  await log.append('models', 0, [encodeModelEvent(event)]);
}

/** Everything that `ticks` holds now. */
export async function wholeRanges(log: EventLog): Promise<OffsetRange[]> {
  const partitions = Array.from({ length: log.partitionCount }, (_, partition) => partition);
  return Promise.all(
    partitions.map(async (partition) => {
      const { start, end } = await log.bounds('ticks', partition);
      return { partition, from: `${start}`, to: `${end}` };
    }),
  );
}

/** First offset that each partition of `ticks` still holds. */
export async function ticksStarts(log: EventLog): Promise<bigint[]> {
  const ranges = await wholeRanges(log);
  return ranges.map(({ from }) => BigInt(from));
}

export function trainControl({ id, ranges, seed }: BoundaryEvent): TrainControl {
  return { kind: 'train', id, ranges, seed };
}

export function outcomeControl(outcome: Outcome): SwitchControl | RefuseControl {
  const { id } = outcome;
  return outcome.event === 'switched'
    ? { kind: 'switch', id, sha: outcome.sha, how: 'refresh' }
    : { kind: 'refuse', id, reason: outcome.reason };
}

/**
 * Appends a control of a boundary to every partition.
 *
 * @param isRepeat looks behind the boundary's range first and leaves out the partitions that have the control: a crash may have
 *   come between two of these appends
 */
export async function appendControl(
  log: EventLog,
  control: TrainControl | SwitchControl | RefuseControl,
  { ranges }: BoundaryEvent,
  { isRepeat }: { readonly isRepeat: boolean },
): Promise<void> {
  const bytes = encodeControl(control);
  for (const { partition, to } of ranges) {
    if (isRepeat && (await hasControl(log, partition, BigInt(to), control))) continue;
    await log.append('ticks', partition, [bytes]);
  }
}

async function hasControl(
  log: EventLog,
  partition: number,
  from: bigint,
  wanted: TrainControl | SwitchControl | RefuseControl,
): Promise<boolean> {
  const { start, end } = await log.bounds('ticks', partition);
  const first = from > start ? from : start;
  for await (const records of log.read('ticks', partition, first, end)) {
    const found = records.some(({ value }) => {
      if (!isControlRecord(value)) return false;
      const control: Control = decodeTickRecord(value) as Control;
      return control.kind === wanted.kind && control.id === wanted.id;
    });
    if (found) return true;
  }
  return false;
}
