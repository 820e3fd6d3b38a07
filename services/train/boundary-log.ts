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
import { TrainHistoryError, TrainOvertakenError, TrainWorkerError } from './train-errors.ts';

/** Of `models`: whoever works beside us has written to its newest records. */
const LOOK_BACK = 256n;

export type Outcome = SwitchedEvent | RefusedEvent;

/** A boundary as `models` tells it. */
export interface LoggedBoundary {
  readonly boundary: BoundaryEvent;
  readonly outcome: Outcome | null;
}

/**
 * All boundaries in order, from `models`. One that was opened while another was open, or again under an old id, is of a second
 * trainer, which went no further: it counts for nothing.
 *
 * @throws TrainHistoryError `TRAIN_HISTORY_BROKEN` where an outcome has no boundary
 */
export async function readBoundaries(log: EventLog): Promise<LoggedBoundary[]> {
  const { start, end } = await log.bounds('models', 0);
  const boundaries: LoggedBoundary[] = [];
  for await (const records of log.read('models', 0, start, end)) {
    for (const { offset, value } of records) takeEvent(boundaries, decodeModelEvent(value), offset);
  }
  return boundaries;
}

function takeEvent(boundaries: LoggedBoundary[], event: ModelEvent, offset: bigint): void {
  const last = boundaries.at(-1);
  if (event.event === 'boundary') {
    const isFirst = last === undefined || (last.outcome !== null && event.id > last.boundary.id);
    if (isFirst) boundaries.push({ boundary: event, outcome: null });
    return;
  }
  const at = boundaries.findIndex(({ boundary }) => boundary.id === event.id);
  if (at === -1) {
    const lastId = last?.boundary.id ?? 0;
    throw new TrainHistoryError(
      `models/0/${offset} must follow its boundary, was '${event.event}' ${event.id} after boundary ${lastId}`,
      { offset: `${offset}`, id: event.id, lastId },
    );
  }
  boundaries[at] = { boundary: boundaries[at].boundary, outcome: boundaries[at].outcome ?? event };
}

/** @returns its offset on `models` */
export async function announce(log: EventLog, event: BoundaryEvent | Outcome): Promise<bigint> {
  const { first } = await log.append('models', 0, [encodeModelEvent(event)]);
  return first;
}

/**
 * Looks on `models`, before what we have just written there, for a boundary that is not ours: of another trainer, which goes on.
 *
 * @param lastId of the boundaries that we know
 * @throws TrainOvertakenError `TRAIN_OVERTAKEN`
 */
export async function requireAlone(
  log: EventLog,
  { id, at, lastId }: { readonly id: number; readonly at: bigint; readonly lastId: number },
): Promise<void> {
  const { start } = await log.bounds('models', 0);
  const from = at - start > LOOK_BACK ? at - LOOK_BACK : start;
  for await (const records of log.read('models', 0, from, at)) {
    for (const { offset, value } of records) {
      const event = decodeModelEvent(value);
      if (event.event !== 'boundary' || event.id <= lastId) continue;
      throw new TrainOvertakenError(
        `boundary ${id} must be the first after ${lastId}, another train process opened ${event.id} at models/0/${offset}; only one may run`,
        { id, lastId, other: event.id, offset: `${offset}` },
      );
    }
  }
}

/**
 * What ended the trainer: a switch that it does not know is of another trainer where `models` tells of a boundary that it does not
 * know either, else a broken history.
 *
 * @param lastId of the boundaries that we know
 */
export async function explained(log: EventLog, error: unknown, lastId: number): Promise<unknown> {
  if (!(error instanceof TrainWorkerError)) return error;
  if (error.details['code'] !== 'TRAIN_HISTORY_BROKEN') return error;
  const { end } = await log.bounds('models', 0);
  return requireAlone(log, { id: lastId + 1, at: end, lastId }).then(
    () => error,
    (overtaken: unknown) => overtaken,
  );
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

/** Per partition of `ticks`: the first offset that it still holds, and the one that the next record will get. */
export async function ticksExtent(
  log: EventLog,
): Promise<{ readonly starts: bigint[]; readonly ends: bigint[] }> {
  const ranges = await wholeRanges(log);
  return {
    starts: ranges.map(({ from }) => BigInt(from)),
    ends: ranges.map(({ to }) => BigInt(to)),
  };
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
