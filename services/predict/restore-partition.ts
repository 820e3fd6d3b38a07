import { CorruptBytesError } from '#shared/errors.ts';
import type { ForecasterSettings } from '#shared/forecast/forecaster-settings.ts';
import { decodePartitionState } from '#shared/forecast/partition-state.ts';
import type { Bounds, EventLog } from '#shared/log/event-log.ts';
import { LogTailLostError, LogTruncatedError } from '#shared/log/log-errors.ts';
import type { SymbolName } from '#shared/market/symbol.ts';
import type { Logger } from '#shared/runtime/logger.ts';
import type { PartitionCommit, SymbolState } from '#shared/state/partition-commit.ts';
import type { SnapshotStore } from '#shared/state/snapshot-store.ts';
import { StateWrongRunError } from '#shared/state/state-errors.ts';
import type { ModelFollower } from './model-follower.ts';
import { type NewFold, newForecaster, type PartitionFold } from './partition-fold.ts';
import { newestUsable } from './usable-snapshot.ts';

/** Bytes of every symbol as of the last checkpoint; nobody changes them. */
export type SavedSymbols = Map<SymbolName, Uint8Array>;

/** A partition that was taken over, with its memory as it was when it was saved. */
export interface RestoredPartition {
  readonly token: string;
  readonly forecaster: PartitionFold;
  /** Where the store stands. */
  readonly storedNext: bigint;
  /** Where the memory stands; further than the store where it came from a snapshot. */
  readonly next: bigint;
  /** Null where no snapshots are taken. */
  readonly saved: SavedSymbols | null;
}

export interface RestorePorts {
  readonly log: Pick<EventLog, 'run' | 'bounds'>;
  readonly commit: PartitionCommit;
  readonly models: ModelFollower;
  readonly snapshots: SnapshotStore | null;
  readonly logger: Logger;
  /** The forecaster where absent. */
  readonly newFold?: NewFold;
}

export interface RestoreRequest {
  readonly partition: number;
  readonly generation: number;
  readonly settings: ForecasterSettings;
  /** Ends the wait for a model. */
  readonly signal: AbortSignal;
}

/** Where state comes from: `pages` are read once. */
interface Origin {
  readonly next: bigint;
  readonly partitionState: Uint8Array;
  readonly pages: AsyncIterable<readonly SymbolState[]>;
}

/** What is stored does not read back; another origin is tried. */
class UnusableStateError extends Error {}

/**
 * Takes a partition over and restores its memory: from the store; where that is empty, damaged, or stands below what the log
 * still holds, from the newest snapshot that reads back; where there is none, from the log's first record.
 *
 * @throws StateFencedError `STATE_FENCED`, StateWrongRunError `STATE_WRONG_RUN`, LogTruncatedError `LOG_TRUNCATED` where nothing
 * that is left reaches the log, LogTailLostError `LOG_TAIL_LOST` where the log has lost records that the state contains
 */
export async function restorePartition(
  ports: RestorePorts,
  request: RestoreRequest,
): Promise<RestoredPartition> {
  try {
    return await fromStore(ports, request);
  } catch (error) {
    if (!(error instanceof UnusableStateError)) throw error;
    const { partition } = request;
    ports.logger.error('checkpoint was not usable', { partition, error: error.message });
    return fromFloor(ports, request, null);
  }
}

async function fromStore(ports: RestorePorts, request: RestoreRequest): Promise<RestoredPartition> {
  const { log, commit } = ports;
  const { partition, generation } = request;
  const { token, header } = await readable(() => commit.claim(partition, generation));
  if (header === null) return fromFloor(ports, request, token);
  // After the claim: who owned the partition before may have moved it on until then.
  const bounds = await log.bounds('ticks', partition);
  requireRun(header.run, log.run, partition);
  requireReached(header.next, bounds, partition);
  if (header.next < bounds.start) {
    throw new UnusableStateError(`it stood at ${header.next}, the log begins at ${bounds.start}`);
  }
  warnWhereOld(ports.logger, header.next, bounds, partition);
  const { next, partitionState } = header;
  const origin = { next, partitionState, pages: readablePages(commit.load(partition, next)) };
  const memory = await filled(ports, request, origin);
  return { token, ...memory, storedNext: next, next };
}

/** @param token of a claim that found nothing; null where what it found is of no use */
async function fromFloor(
  ports: RestorePorts,
  request: RestoreRequest,
  token: string | null,
): Promise<RestoredPartition> {
  const { log, commit, snapshots, logger } = ports;
  const { partition, generation } = request;
  let bounds = await log.bounds('ticks', partition);
  const snapshot =
    snapshots === null
      ? null
      : await newestUsable({ snapshots, logger }, { run: log.run, partition, from: bounds.start });
  if (snapshot !== null) {
    // Asked again: an owner beside us may have folded, and copied, what came to the log meanwhile.
    bounds = await log.bounds('ticks', partition);
    requireReached(snapshot.next, bounds, partition);
    warnWhereOld(logger, snapshot.next, bounds, partition);
  } else if (bounds.start > 0n) {
    throw new LogTruncatedError(
      `ticks/${partition} must begin at 0 or at the position of a checkpoint or snapshot, began at ${bounds.start}`,
      { partition, start: bounds.start },
    );
  }
  const next = snapshot?.next ?? 0n;
  const memory = await filled(ports, request, {
    next,
    partitionState: snapshot?.partitionState ?? new Uint8Array(0),
    pages: onePage(snapshot?.symbols ?? []),
  });
  const owned = token ?? (await commit.claimEmpty(partition, generation)).token;
  return { token: owned, ...memory, storedNext: 0n, next };
}

async function filled(
  { models, snapshots, newFold = newForecaster }: RestorePorts,
  { partition, settings, signal }: RestoreRequest,
  { next, partitionState, pages }: Origin,
): Promise<Pick<RestoredPartition, 'forecaster' | 'saved'>> {
  const forecaster = newFold(partition, settings, await models.genesis());
  const saved: SavedSymbols | null = snapshots === null ? null : new Map();
  if (next === 0n) return { forecaster, saved };
  const { modelSha } = decodePartitionState(partitionState);
  forecaster.addModel(await models.model(modelSha, signal));
  forecaster.restorePartition(partitionState);
  for await (const page of pages) {
    for (const { symbol, bytes } of page) {
      forecaster.restoreSymbol(symbol, bytes);
      saved?.set(symbol, bytes);
    }
  }
  return { forecaster, saved };
}

/** A state of this run cannot stand behind the log's end, unless the log lost its tail. */
function requireReached(next: bigint, { end }: Bounds, partition: number): void {
  if (next <= end) return;
  throw new LogTailLostError(
    `ticks/${partition} must reach offset ${next}, which its state contains, ended at ${end}`,
    { partition, next, end },
  );
}

function requireRun(found: string, expected: string, partition: number): void {
  if (found === expected) return;
  throw new StateWrongRunError(
    `state of partition ${partition} must belong to run ${expected}, was of ${found}`,
    { partition, expected, found },
  );
}

/** The log deletes from its beginning: state in the older half of it has used up half of the time there is to save it. */
function warnWhereOld(
  logger: Logger,
  next: bigint,
  { start, end }: Bounds,
  partition: number,
): void {
  if (start === 0n || next - start >= (end - start) / 2n) return;
  const fields = { partition, next: `${next}`, start: `${start}`, end: `${end}` };
  logger.error('checkpoint was older than half of the log', fields);
}

async function* readablePages(
  pages: AsyncIterable<readonly SymbolState[]>,
): AsyncGenerator<readonly SymbolState[]> {
  const reading = pages[Symbol.asyncIterator]();
  for (;;) {
    const { value, done } = await readable(() => reading.next());
    if (done === true) return;
    yield value;
  }
}

async function* onePage(symbols: readonly SymbolState[]): AsyncGenerator<readonly SymbolState[]> {
  yield symbols;
}

/** Only what the store itself cannot read back is unusable; bytes that are whole but not for this build are no accident. */
async function readable<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof CorruptBytesError)) throw error;
    throw new UnusableStateError(error.message, { cause: error });
  }
}
