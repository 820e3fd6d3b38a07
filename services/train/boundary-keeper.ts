import type { BoundaryEvent } from '#shared/forecast/model-event.ts';
import type { EventLog } from '#shared/log/event-log.ts';
import { Random } from '#shared/nn/random.ts';
import type { Clock } from '#shared/runtime/clock.ts';
import type { Logger } from '#shared/runtime/logger.ts';
import type { ModelStore } from '#shared/state/model-store.ts';
import {
  announce,
  appendControl,
  type LoggedBoundary,
  type Outcome,
  outcomeControl,
  requireAlone,
  ticksExtent,
  trainControl,
  wholeRanges,
} from './boundary-log.ts';
import { neededBoundaries } from './needed-boundaries.ts';
import { TrainModelMissingError } from './train-errors.ts';
import type { TrainMetrics } from './train-metrics.ts';
import type { TrainingThread } from './training-thread.ts';

export interface KeeperPorts {
  readonly log: EventLog;
  readonly models: ModelStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: TrainMetrics;
  readonly thread: TrainingThread;
}

export interface KeeperStart {
  /** Of the run's settings; with the id it seeds every training. */
  readonly seed: number;
  readonly genesisSha: string;
  /** The boundaries of earlier lives that are still needed, in order. */
  readonly history: readonly LoggedBoundary[];
}

/** Where a boundary came from: only what another process may have left half done is looked for before it is written. */
export type Origin = 'opened' | 'last of history' | 'history';

/**
 * The protocol of a boundary, in the order that survives a crash between any two steps: `models` knows the boundary before any
 * partition hears of it, the artefact is stored before its outcome is announced, and the outcome stands on `models` before any
 * partition switches. Whatever is missing after a crash is written then; training again gives the same bytes. A second trainer on
 * the same run is found when it opens a boundary: the order of `models` decides, and who comes later ends before any partition
 * hears of its ranges.
 */
export class BoundaryKeeper {
  private readonly ports: KeeperPorts;
  private readonly seed: number;
  private modelSha: string;
  /** Those whose artefacts the store keeps. */
  private kept: readonly LoggedBoundary[];

  constructor(ports: KeeperPorts, { seed, genesisSha, history }: KeeperStart) {
    this.ports = ports;
    this.seed = seed;
    this.modelSha = genesisSha;
    this.kept = history;
  }

  /** Steps 1 to 3: the ranges are whatever `ticks` holds now. */
  async open(id: number): Promise<LoggedBoundary> {
    const { log, logger } = this.ports;
    const seed = new Random(`boundary ${id} of ${this.seed}`).bits();
    const ranges = await wholeRanges(log);
    const boundary: BoundaryEvent = { event: 'boundary', id, ranges, seed };
    const at = await announce(log, boundary);
    const lastId = this.kept.at(-1)?.boundary.id ?? 0;
    await requireAlone(log, { id, at, lastId });
    await appendControl(log, trainControl(boundary), boundary, { isRepeat: false });
    logger.info('boundary opened', { id, ends: ranges.map(({ to }) => to) });
    return { boundary, outcome: null };
  }

  /** Steps 4 to 6, once every partition is folded to the end of its range. */
  async conclude({ boundary, outcome }: LoggedBoundary, origin: Origin): Promise<void> {
    const { log, thread } = this.ports;
    const isRepeat = origin !== 'opened';
    if (isRepeat && outcome === null) {
      await appendControl(log, trainControl(boundary), boundary, { isRepeat });
    }
    const concluded = outcome ?? (await this.train(boundary));
    const isWritten = origin === 'history' && outcome !== null;
    if (!isWritten) {
      await appendControl(log, outcomeControl(concluded), boundary, {
        isRepeat: isRepeat && outcome !== null,
      });
    }
    await thread.conclude(boundary.id, await this.artefactOf(concluded));
    if (concluded.event === 'switched') this.modelSha = concluded.sha;
    if (outcome === null) {
      const before = this.kept.filter((known) => known.boundary.id < boundary.id);
      await this.forget([...before, { boundary, outcome: concluded }]);
    }
  }

  /** Artefacts of which the log no longer holds the switch are removed, or the store would grow for ever. */
  private async forget(boundaries: readonly LoggedBoundary[]): Promise<void> {
    const { log, models } = this.ports;
    const { starts } = await ticksExtent(log);
    const { needed, gone } = neededBoundaries(boundaries, starts);
    this.kept = needed;
    for (const { outcome } of gone) {
      if (outcome?.event === 'switched') await models.remove(outcome.sha);
    }
  }

  private async train({ id, seed }: BoundaryEvent): Promise<Outcome> {
    const { log, models, clock, metrics, thread } = this.ports;
    const parentSha = this.modelSha;
    const startedMs = clock.nowMs();
    const result = await thread.train({ id, seed, parentSha });
    const seconds = (clock.nowMs() - startedMs) / 1000;
    const { artefact, reason, report } = result;
    const outcome: Outcome =
      artefact === null
        ? { event: 'refused', id, reason, report }
        : { event: 'switched', id, sha: await models.put(artefact), parentSha, report };
    await announce(log, outcome);
    metrics.concluded(outcome.event, result, seconds);
    this.tell(outcome, seconds);
    return outcome;
  }

  private tell(outcome: Outcome, seconds: number): void {
    const { logger } = this.ports;
    const { id, report } = outcome;
    const { skippedUpdates } = report;
    if (skippedUpdates > 0) logger.warn('updates were skipped', { id, skippedUpdates });
    const fields = { id, ...report, seconds };
    if (outcome.event === 'switched') {
      logger.info('model was refreshed', { ...fields, sha: outcome.sha });
    } else {
      logger.warn('refresh was refused', { ...fields, reason: outcome.reason });
    }
  }

  private async artefactOf(outcome: Outcome): Promise<Uint8Array | null> {
    if (outcome.event === 'refused') return null;
    const bytes = await this.ports.models.get(outcome.sha);
    if (bytes === null) {
      throw new TrainModelMissingError(
        `boundary ${outcome.id} switched to model ${outcome.sha}, which the store must hold, but does not`,
        { id: outcome.id, sha: outcome.sha },
      );
    }
    return bytes;
  }
}
