import type { EventLog, LogBatch } from '#shared/log/event-log.ts';
import { LogGapError } from '#shared/log/log-errors.ts';
import type { Logger } from '#shared/runtime/logger.ts';
import { type OwnerPorts, PartitionOwner, type SavePace } from './partition-owner.ts';
import { isPassing } from './passing-error.ts';
import type { RestoreRequest } from './restore-partition.ts';

export interface AssignmentPorts extends OwnerPorts {
  readonly log: Pick<EventLog, 'run' | 'bounds' | 'append' | 'read'>;
  readonly logger: Logger;
  /** Sends a batch through the pipeline. */
  readonly fold: (batch: LogBatch, owner: PartitionOwner, assignment: Assignment) => Promise<void>;
  /** Told of an error that no batch was there to throw. */
  readonly onFailure: (error: unknown) => void;
}

export type AssignedPartition = Omit<RestoreRequest, 'signal'>;

/**
 * A partition from the moment it is assigned to us until it is given up: who owns it now, and what becomes of an error. Batches,
 * checkpoints and the end come one after the other. A passing error drops the owner with its memory, and the partition is claimed
 * again in place, once; the next one leaves the group, so that two who both hold themselves for the owner cannot go on for ever.
 */
export class Assignment {
  readonly #ports: AssignmentPorts;
  readonly #pace: SavePace;
  readonly #assigned: AssignedPartition;
  readonly #giving = new AbortController();
  #owner: PartitionOwner | null = null;
  /** Where the log's reading stands: what a new owner must reach before it takes the next batch. */
  #readNext = 0n;
  #hasReclaimed = false;
  #isTimed = false;
  #turn: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | null = null;

  constructor(ports: AssignmentPorts, pace: SavePace, assigned: AssignedPartition) {
    this.#ports = ports;
    this.#pace = pace;
    this.#assigned = assigned;
  }

  /** Aborted once the partition is being given up: nothing waits any more, and what is folded is saved. */
  get signal(): AbortSignal {
    return this.#giving.signal;
  }

  /** Claims the partition. @returns where to read from. @throws what `restorePartition` throws */
  open(): Promise<bigint> {
    return this.#alone(async () => {
      this.#owner = await this.#claim();
      this.#readNext = this.#owner.next;
      // What was restored from a snapshot is not in the store yet, and no tick may ever follow.
      this.#saveInTime();
      return this.#readNext;
    });
  }

  /** Folds a batch. @throws an error that the partition cannot be claimed again after */
  take(batch: LogBatch): Promise<void> {
    return this.#alone(async () => {
      if (this.#owner === null && this.signal.aborted) return;
      await this.#unlessGivenUp(async () => {
        await this.#persist((owner) => this.#ports.fold(batch, owner, this));
        this.#readNext = batch.records[batch.records.length - 1].offset + 1n;
        this.#saveInTime();
      });
    });
  }

  /**
   * Gives the partition up, after what is folded has been saved; idempotent. Where that is refused, whoever owns the partition next
   * folds it again.
   *
   * @param reason what those who wait for a model are woken with
   */
  close(reason: Error): Promise<void> {
    this.#giving.abort(reason);
    this.#closing ??= this.#alone(async () => {
      const owner = this.#owner;
      this.#owner = null;
      await this.#unlessGivenUp(async () => owner?.checkpoint());
    });
    return this.#closing;
  }

  /** An error that comes while the partition is given up, or of that, is told of and ends nothing. */
  async #unlessGivenUp(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      const isNoFailure = isPassing(error) || error === this.signal.reason;
      if (!this.signal.aborted || !isNoFailure) throw error;
      this.#ports.logger.warn('partition was given up unsaved', this.#fields(error));
    }
  }

  /** Work on the owner; where an error in passing ends its claim, on the next owner once more. */
  async #persist(work: (owner: PartitionOwner) => Promise<void>): Promise<void> {
    try {
      await work(await this.#owned());
    } catch (error) {
      this.#owner = null;
      if (!isPassing(error) || this.signal.aborted || this.#hasReclaimed) throw error;
      this.#hasReclaimed = true;
      this.#ports.metrics.claimedAgain(error.code);
      this.#ports.logger.warn('claim ended by an error, claiming again', this.#fields(error));
      await this.#persist(work);
    }
  }

  async #owned(): Promise<PartitionOwner> {
    this.#owner ??= await this.#caughtUp();
    return this.#owner;
  }

  /** A new owner that has folded again what the log handed out already. */
  async #caughtUp(): Promise<PartitionOwner> {
    const owner = await this.#claim();
    const { partition } = this.#assigned;
    const { log, fold } = this.#ports;
    for await (const records of log.read('ticks', partition, owner.next, this.#readNext)) {
      await fold({ topic: 'ticks', partition, records }, owner, this);
    }
    if (owner.next >= this.#readNext) return owner;
    throw new LogGapError(
      `partition ${partition} must be read again up to ${this.#readNext}, ended at ${owner.next}`,
      { partition, expected: this.#readNext, found: owner.next },
    );
  }

  async #claim(): Promise<PartitionOwner> {
    const request = { ...this.#assigned, signal: this.signal };
    const owner = await PartitionOwner.claim(this.#ports, this.#pace, request);
    const { partition, generation } = this.#assigned;
    this.#ports.logger.info('partition claimed', { partition, generation, next: `${owner.next}` });
    return owner;
  }

  /** Ticks may stop flowing: what is published is then saved by the clock. One sleeper at most. */
  #saveInTime(): void {
    const owner = this.#owner;
    if (this.#isTimed || owner === null || !owner.isAhead || this.signal.aborted) return;
    this.#isTimed = true;
    void this.#ports.clock.sleep(owner.dueInMs, this.signal).then(async () => {
      this.#isTimed = false;
      if (this.signal.aborted) return;
      const saving = this.#alone(() => this.#unlessGivenUp(() => this.#saveWhereDue()));
      await saving.catch(this.#ports.onFailure);
    });
  }

  async #saveWhereDue(): Promise<void> {
    if (this.#owner === null) return;
    await this.#persist(async (owner) => {
      if (owner.dueInMs === 0) await owner.checkpoint();
    });
    this.#saveInTime();
  }

  #fields(error: unknown): Readonly<Record<string, unknown>> {
    return { partition: this.#assigned.partition, error };
  }

  #alone<T>(job: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(job);
    this.#turn = done.catch(() => undefined);
    return done;
  }
}
