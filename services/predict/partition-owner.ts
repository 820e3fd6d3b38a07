import type { FoldOutput } from '#shared/forecast/fold-output.ts';
import type { ForecasterSettings } from '#shared/forecast/forecaster-settings.ts';
import type { EventLog, LogRecord } from '#shared/log/event-log.ts';
import { LogGapError } from '#shared/log/log-errors.ts';
import type { Clock } from '#shared/runtime/clock.ts';
import type { Output, SymbolState } from '#shared/state/partition-commit.ts';
import type { PredictConfig } from './config.ts';
import type { FoldMetrics } from './fold-metrics.ts';
import { outputsOf } from './fold-outputs.ts';
import type { Progress } from './progress.ts';
import {
  type RestoredPartition,
  type RestorePorts,
  type RestoreRequest,
  restorePartition,
} from './restore-partition.ts';
import type { SnapshotWriter } from './snapshot-writer.ts';

export interface OwnerPorts extends Omit<RestorePorts, 'snapshots' | 'log'> {
  readonly log: Pick<EventLog, 'run' | 'bounds' | 'append'>;
  /** Null where no snapshots are taken. */
  readonly snapshots: SnapshotWriter | null;
  readonly clock: Clock;
  readonly metrics: FoldMetrics;
  readonly progress: Progress;
}

export type SavePace = Pick<PredictConfig, 'checkpointRecords' | 'checkpointMs'>;

/**
 * The one writer of a partition's state, from claim to revocation: restores, folds, publishes what the fold made at once and saves
 * state and position now and then. What is published runs ahead of what is saved; the refold after a crash is identical, and
 * readers drop what they have. After any throw it must be dropped with its memory: the next claim starts from what was saved.
 */
export class PartitionOwner {
  readonly partition: number;
  readonly #ports: OwnerPorts;
  readonly #pace: SavePace;
  readonly #settings: ForecasterSettings;
  readonly #restored: RestoredPartition;
  #next: bigint;
  #storedNext: bigint;
  #savedAtMs: number;
  /** The publish in flight: at most one, beside the fold of the next batch. */
  #publishing: Promise<void> = Promise.resolve();

  private constructor(
    ports: OwnerPorts,
    pace: SavePace,
    request: RestoreRequest,
    restored: RestoredPartition,
  ) {
    this.partition = request.partition;
    this.#ports = ports;
    this.#pace = pace;
    this.#settings = request.settings;
    this.#restored = restored;
    this.#next = restored.next;
    this.#storedNext = restored.storedNext;
    this.#savedAtMs = ports.clock.nowMs();
  }

  /** @throws what `restorePartition` throws */
  static async claim(
    ports: OwnerPorts,
    pace: SavePace,
    request: RestoreRequest,
  ): Promise<PartitionOwner> {
    const { snapshots, log, progress } = ports;
    const { partition } = request;
    const store = snapshots?.store ?? null;
    const restored = await restorePartition({ ...ports, snapshots: store }, request);
    await snapshots?.claimed(log.run, partition);
    progress.restored(partition, restored.next);
    return new PartitionOwner(ports, pace, request, restored);
  }

  /** Offset of the first record that the memory does not yet contain. */
  get next(): bigint {
    return this.#next;
  }

  /** Whether something is folded that is not saved. */
  get isAhead(): boolean {
    return this.#next !== this.#storedNext;
  }

  /** Time until what is folded must be saved, ms. */
  get dueInMs(): number {
    return Math.max(0, this.#savedAtMs + this.#pace.checkpointMs - this.#ports.clock.nowMs());
  }

  /**
   * What of a batch is not yet folded. A batch is not trusted to begin where the memory ends: what lies before is dropped.
   *
   * @throws LogGapError `LOG_GAP`
   */
  unfolded(records: readonly LogRecord[]): readonly LogRecord[] {
    const first = records.findIndex(({ offset }) => offset >= this.#next);
    if (first < 0) return [];
    const fresh = first === 0 ? records : records.slice(first);
    let expected = this.#next;
    for (const { offset } of fresh) {
      if (offset !== expected) throw gap(this.partition, expected, offset);
      expected += 1n;
    }
    return fresh;
  }

  /** Fetches the models that these records switch to, so that the fold itself never waits. */
  async prefetch(records: readonly LogRecord[], signal: AbortSignal): Promise<void> {
    const { models } = this.#ports;
    for (const model of await models.switchedTo(records, signal)) {
      this.#restored.forecaster.addModel(model);
    }
  }

  fold(records: readonly LogRecord[]): FoldOutput {
    const { clock, metrics } = this.#ports;
    const sinceMs = clock.nowMs();
    const out = this.#restored.forecaster.fold(records);
    this.#next += BigInt(records.length);
    metrics.spent('fold', sinceMs);
    metrics.folded(out);
    return out;
  }

  /**
   * Sends out what was folded: with the state where it is to be saved now, else alone. That is not waited for, but the one before
   * is, and so is what it failed with thrown.
   *
   * @param savesNow whatever the pace says
   * @throws StateFencedError `STATE_FENCED`, StateConflictError `STATE_CONFLICT` and what the log throws
   */
  async send(out: FoldOutput, savesNow: boolean): Promise<void> {
    const { clock, metrics } = this.#ports;
    const sinceMs = clock.nowMs();
    const outputs = outputsOf(this.partition, out, this.#settings.levels);
    metrics.spent('encode', sinceMs);
    await this.#publishing;
    if (savesNow || this.#isDue()) {
      await this.#save(outputs);
      return;
    }
    this.#publishing = this.#publish(outputs, this.#next);
    // Whoever comes next awaits it; until then nobody does.
    this.#publishing.catch(() => undefined);
  }

  /** Saves what is folded, all of which was sent before. @throws as `send` */
  async checkpoint(): Promise<void> {
    await this.#publishing;
    if (this.isAhead) await this.#save([]);
  }

  #isDue(): boolean {
    const records = this.#next - this.#storedNext;
    return records >= this.#pace.checkpointRecords || this.dueInMs === 0;
  }

  async #publish(outputs: readonly Output[], next: bigint): Promise<void> {
    const { log, clock, metrics, progress } = this.#ports;
    const sinceMs = clock.nowMs();
    const topics = new Set(outputs.map(({ topic }) => topic));
    await Promise.all(
      [...topics].map(async (topic) => {
        // One after the other: if the second stood in the log without the first, readers would see a gap.
        for (const { partition, values } of outputs.filter((one) => one.topic === topic)) {
          await log.append(topic, partition, values);
        }
      }),
    );
    metrics.spent('publish', sinceMs);
    progress.published(this.partition, next);
  }

  async #save(outputs: readonly Output[]): Promise<void> {
    const { commit, clock, metrics, progress } = this.#ports;
    const { partition } = this;
    const { forecaster, token } = this.#restored;
    const sinceMs = clock.nowMs();
    const next = this.#next;
    const partitionState = forecaster.partitionState();
    const symbols = this.#symbolsToSave();
    const base = this.#storedNext;
    await commit.commit({ partition, token, base, next, partitionState, symbols, outputs });
    this.#storedNext = next;
    this.#savedAtMs = clock.nowMs();
    metrics.spent('save', sinceMs);
    metrics.saved(partition);
    progress.published(partition, next);
    this.#offerSnapshot(next, partitionState);
  }

  /** What changed; after a restore from a snapshot once every symbol, since the store has none of them. */
  #symbolsToSave(): readonly SymbolState[] {
    const changed = this.#restored.forecaster.drainChanged();
    const { saved, storedNext, next } = this.#restored;
    for (const { symbol, bytes } of changed) saved?.set(symbol, bytes);
    const isFirst = this.#storedNext === storedNext && storedNext !== next;
    return isFirst && saved !== null ? statesOf(saved) : changed;
  }

  #offerSnapshot(next: bigint, partitionState: Uint8Array): void {
    const { snapshots, log, clock } = this.#ports;
    const { saved } = this.#restored;
    if (snapshots === null || saved === null) return;
    const { run } = log;
    const { partition } = this;
    snapshots.offer(partition, () => {
      const takenAtMs = Math.floor(clock.nowMs());
      return { run, partition, next, takenAtMs, partitionState, symbols: statesOf(saved) };
    });
  }
}

function statesOf(saved: ReadonlyMap<SymbolState['symbol'], Uint8Array>): SymbolState[] {
  return [...saved].map(([symbol, bytes]) => ({ symbol, bytes }));
}

function gap(partition: number, next: bigint, offset: bigint): LogGapError {
  return new LogGapError(
    `partition ${partition} must go on at offset ${next}, the batch went on at ${offset}`,
    { partition, next: `${next}`, offset: `${offset}` },
  );
}
