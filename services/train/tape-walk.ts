import type { LogBatch } from '#shared/log/event-log.ts';
import { unlessAborted } from '#shared/runtime/unless-aborted.ts';
import type { BoundaryKeeper, Origin } from './boundary-keeper.ts';
import type { LoggedBoundary } from './boundary-log.ts';
import { isDue, nextBoundaryId } from './retrain-schedule.ts';
import { TrainStoppedError } from './train-errors.ts';
import type { TrainingThread } from './training-thread.ts';

export interface TapeWalkOptions {
  readonly keeper: BoundaryKeeper;
  readonly thread: TrainingThread;
  /** The boundaries that earlier lives made, in order. */
  readonly history: readonly LoggedBoundary[];
  /** First offset to fold per partition. */
  readonly starts: readonly bigint[];
  /** Ticks between two boundaries; null where they are made by `boundary` alone. */
  readonly everyTicks: number | null;
}

interface Milestone {
  readonly logged: LoggedBoundary;
  readonly origin: Origin;
  /** Exclusive offset per partition. */
  readonly ends: readonly bigint[];
  readonly concluded: PromiseWithResolvers<void>;
}

/**
 * Walks all partitions of `ticks` side by side and halts each at the end of the next boundary's range until that boundary has its
 * outcome: training then sees exactly the ranges, however partitions run ahead of each other. Memory is one batch per partition.
 */
export class TapeWalk {
  /** Rejects when opening or concluding a boundary failed. */
  readonly failed: Promise<never>;
  private readonly options: TapeWalkOptions;
  private readonly milestones: Milestone[];
  private readonly folded: bigint[];
  private readonly failure = Promise.withResolvers<never>();
  /** Aborted at the stop or the failure: nothing more is begun then. */
  private readonly ending = new AbortController();
  private hasFailed = false;
  private concludedCount = 0;
  private tickCount = 0;
  private last = { id: 0, tickCount: 0 };
  /** The opening or concluding that runs; partitions fold on meanwhile only below the known ends. */
  private opening: Promise<void> | null = null;
  private concluding: Promise<void> | null = null;

  constructor(options: TapeWalkOptions) {
    const { history, starts } = options;
    this.options = options;
    this.folded = [...starts];
    this.milestones = history.map((logged, k) =>
      milestone(logged, k === history.length - 1 ? 'last of history' : 'history'),
    );
    this.failed = this.failure.promise;
    this.failed.catch(() => undefined);
  }

  async onBatch({ partition, records }: LogBatch): Promise<void> {
    let left = records;
    while (left.length > 0 && !this.isStopping) {
      // An opening reads the ends of the log: what is folded from here on might lie behind them.
      await this.untilOpened();
      if (this.isStopping) return;
      const end = this.pending?.ends[partition];
      const cut = end === undefined ? left.length : lengthBelow(end - left[0].offset, left.length);
      if (cut > 0) await this.fold(partition, left.slice(0, cut));
      left = left.slice(cut);
      this.goOn();
      if (left.length > 0 && this.pending !== undefined) {
        await this.unlessStopping(this.pending.concluded.promise);
      }
    }
  }

  /** @throws TrainStoppedError `TRAIN_STOPPED`, or whatever ended the walk */
  async boundary(id: number): Promise<void> {
    while (this.lastId < id) {
      await this.orStopped(this.milestones.at(-1)?.concluded.promise ?? Promise.resolve());
      if (this.lastId >= id) break;
      this.startOpening(id);
      await this.orStopped(this.opening ?? Promise.resolve());
    }
    const made = this.milestones.find(({ logged }) => logged.boundary.id >= id);
    await this.orStopped(made?.concluded.promise ?? Promise.resolve());
  }

  /** Whether every partition is folded up to here, exclusive. */
  hasFolded(ends: readonly bigint[]): boolean {
    return ends.every((end, partition) => this.folded[partition] >= end);
  }

  /** No further record is folded and no boundary begun. Idempotent. */
  stop(): void {
    this.ending.abort();
  }

  /** Resolves when what ran at the stop has ended. */
  async settled(): Promise<void> {
    await Promise.allSettled([this.opening, this.concluding]);
  }

  /** The end of the thread is no failure where it was asked for. */
  readonly unlessStopped = (error: unknown): void => {
    if (!this.isStopping) throw error;
  };

  private get isStopping(): boolean {
    return this.ending.signal.aborted;
  }

  private get pending(): Milestone | undefined {
    return this.milestones[this.concludedCount];
  }

  /** Of the boundaries that this trainer knows; 0 where there is none. */
  get lastId(): number {
    return this.milestones.at(-1)?.logged.boundary.id ?? 0;
  }

  private async fold(partition: number, records: LogBatch['records']): Promise<void> {
    const values = records.map(({ value }) => value);
    // Not `+=` around the await: it would read the count before the other partitions have added theirs.
    const ticks = await this.options.thread.fold(partition, values);
    this.tickCount += ticks;
    this.folded[partition] = records[records.length - 1].offset + 1n;
  }

  /** Begins whatever is due now; nothing where something runs. */
  private goOn(): void {
    if (this.isStopping || this.opening !== null || this.concluding !== null) return;
    const { pending } = this;
    if (pending === undefined) {
      const { everyTicks } = this.options;
      if (everyTicks === null || !isDue(this.last, everyTicks, this.tickCount)) return;
      this.startOpening(Math.max(this.lastId + 1, nextBoundaryId(this.last, everyTicks)));
    } else if (this.hasFolded(pending.ends)) {
      this.concluding = this.conclude(pending)
        .catch((error: unknown) => this.fail(error, pending))
        .finally(() => {
          this.concluding = null;
          this.goOn();
        });
    }
  }

  private startOpening(id: number): void {
    if (this.opening !== null || this.isStopping) return;
    this.opening = this.options.keeper
      .open(id)
      .then((logged) => {
        this.milestones.push(milestone(logged, 'opened'));
      })
      .catch((error: unknown) => this.fail(error, null))
      .finally(() => {
        this.opening = null;
        this.goOn();
      });
  }

  private async conclude({ logged, origin, concluded }: Milestone): Promise<void> {
    await this.options.keeper.conclude(logged, origin);
    this.last = { id: logged.boundary.id, tickCount: this.tickCount };
    this.concludedCount += 1;
    concluded.resolve();
  }

  private fail(error: unknown, at: Milestone | null): void {
    this.hasFailed = !this.isStopping;
    this.failure.reject(error);
    this.ending.abort();
    at?.concluded.reject(error);
  }

  /** Resolves when no opening runs, or at the stop, which does not end a running one. */
  private async untilOpened(): Promise<void> {
    while (this.opening !== null && !this.isStopping) await this.unlessStopping(this.opening);
  }

  private async unlessStopping(wait: Promise<void>): Promise<void> {
    await unlessAborted(wait, this.ending.signal);
    if (this.hasFailed) await this.failed;
  }

  private async orStopped(wait: Promise<void>): Promise<void> {
    await this.unlessStopping(wait);
    if (this.isStopping) throw new TrainStoppedError('the trainer was stopped before the boundary');
  }
}

function milestone(logged: LoggedBoundary, origin: Origin): Milestone {
  const concluded = Promise.withResolvers<void>();
  // A boundary that nobody waits for may fail all the same: `failed` tells it.
  concluded.promise.catch(() => undefined);
  return {
    logged,
    origin,
    ends: logged.boundary.ranges.map(({ to }) => BigInt(to)),
    concluded,
  };
}

function lengthBelow(distance: bigint, length: number): number {
  if (distance <= 0n) return 0;
  return distance < BigInt(length) ? Number(distance) : length;
}
