import type { Clock } from '#shared/runtime/clock.ts';
import type { Logger } from '#shared/runtime/logger.ts';
import type { Snapshot, SnapshotStore } from '#shared/state/snapshot-store.ts';
import type { FoldMetrics } from './fold-metrics.ts';

export interface SnapshotWriterPorts {
  readonly store: SnapshotStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: FoldMetrics;
}

/**
 * Writes full copies of partitions now and then, beside the fold: one at a time in a process, whoever is offered meanwhile gets
 * its turn at a later checkpoint. A copy that fails is told of and tried again when the next one is due; no claim ends for it.
 */
export class SnapshotWriter {
  readonly #ports: SnapshotWriterPorts;
  readonly #periodMs: number;
  /** When the last one of each partition was begun. */
  readonly #begunAtMs = new Map<number, number>();
  #writing: Promise<void> | null = null;

  constructor(ports: SnapshotWriterPorts, periodMs: number) {
    this.#ports = ports;
    this.#periodMs = periodMs;
  }

  get store(): SnapshotStore {
    return this.#ports.store;
  }

  /** Looks up when the newest one of a partition was taken that was just claimed, so that moving it about puts off no snapshot. */
  async claimed(run: string, partition: number): Promise<void> {
    try {
      const [newest] = await this.#ports.store.list(run, partition);
      this.#begunAtMs.set(partition, newest?.takenAtMs ?? Number.NEGATIVE_INFINITY);
    } catch (error) {
      // A claim that needs no snapshot must not fail for want of them.
      this.#ports.logger.error('snapshots could not be listed', { partition, error });
    }
  }

  /** After a checkpoint; `take` is called where one is due, and must hand out bytes that nobody changes. */
  offer(partition: number, take: () => Snapshot): void {
    const nowMs = this.#ports.clock.nowMs();
    const lastMs = this.#begunAtMs.get(partition) ?? Number.NEGATIVE_INFINITY;
    if (this.#writing !== null || nowMs - lastMs < this.#periodMs) return;
    this.#begunAtMs.set(partition, nowMs);
    this.#writing = this.#write(take()).finally(() => {
      this.#writing = null;
    });
  }

  /** Resolves when the write under way has ended. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  async #write(snapshot: Snapshot): Promise<void> {
    const { store, clock, logger, metrics } = this.#ports;
    const { partition, next, symbols } = snapshot;
    const sinceMs = clock.nowMs();
    try {
      await store.write(snapshot);
      metrics.snapshotTaken(partition);
      const fields = { partition, next: `${next}`, symbolCount: symbols.length };
      logger.info('snapshot written', { ...fields, tookMs: Math.round(clock.nowMs() - sinceMs) });
    } catch (error) {
      logger.error('snapshot was not written', { partition, next: `${next}`, error });
    }
    metrics.spent('snapshot', sinceMs);
  }
}
