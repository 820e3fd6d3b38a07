import { onTestFinished } from 'vitest';
import { type PredictConfig, savingEveryBatch } from '#services/predict/config.ts';
import { foldMetrics } from '#services/predict/fold-metrics.ts';
import { ModelFollower } from '#services/predict/model-follower.ts';
import type { OwnerPorts } from '#services/predict/partition-owner.ts';
import { Progress } from '#services/predict/progress.ts';
import { type PredictPorts, type RunningPredict, startPredict } from '#services/predict/service.ts';
import { FEATURE_VERSION, INPUT_SIZE } from '#shared/features/feature-vector.ts';
import type { ForecastEntry } from '#shared/forecast/forecast.ts';
import { decodeForecastPack } from '#shared/forecast/forecast-record.ts';
import { initialModel } from '#shared/forecast/model-artefact.ts';
import type { LocalLog } from '#shared/log/embedded/local-log.ts';
import { openMemoryLog } from '#shared/log/embedded/memory-log.ts';
import type { LogRecord } from '#shared/log/event-log.ts';
import { partitionOf } from '#shared/log/partitioner.ts';
import type { Topic } from '#shared/log/topics.ts';
import type { Tick } from '#shared/market/tick.ts';
import { memoryLogger } from '#shared/runtime/memory-logger.ts';
import { memoryMetrics } from '#shared/runtime/memory-metrics.ts';
import { type VirtualClock, virtualClock } from '#shared/runtime/virtual-clock.ts';
import {
  type MemoryState,
  openMemoryCommit,
  openMemoryModelStore,
} from '#shared/state/embedded/memory-store.ts';
import type { ModelStore } from '#shared/state/model-store.ts';
import type { PartitionCommit } from '#shared/state/partition-commit.ts';
import { someSettings } from './a-model.ts';
import { bytesOf } from './a-tape.ts';

/** A run in memory: the log, the state and the models that outlive a predict service, and the means to start one. */
export class PredictRun {
  readonly log: LocalLog;
  readonly kept: MemoryState = new Map();
  readonly models: ModelStore = openMemoryModelStore();
  readonly clock: VirtualClock = virtualClock(0);
  readonly logger = memoryLogger();
  readonly metrics = memoryMetrics();
  #newest: RunningPredict | null = null;

  constructor(partitionCount = 2) {
    this.log = openMemoryLog({ partitionCount });
  }

  get commit(): PartitionCommit {
    return openMemoryCommit(this.log, this.kept);
  }

  /** Stopped when the test has ended. */
  async start(
    over: Partial<PredictPorts> = {},
    config: Partial<PredictConfig> = {},
  ): Promise<RunningPredict> {
    const { log, commit, models, clock, logger, metrics } = this;
    const ports = { log, commit, models, clock, logger, metrics, ...over };
    const saving = { ...savingEveryBatch({ sliceRecords: 64 }), ...config };
    const running = await startPredict(ports, saving, someSettings());
    onTestFinished(() => running.stop());
    this.#newest = running;
    return running;
  }

  /** Ends the newest service, where there is one. */
  async stop(): Promise<void> {
    await this.#newest?.stop();
  }

  /** What an owner of a partition of this run works with, apart from any service. */
  ownerPorts(over: Partial<OwnerPorts> = {}): OwnerPorts {
    const { log, commit, clock, logger } = this;
    const settings = someSettings();
    const genesis = initialModel(settings, INPUT_SIZE, FEATURE_VERSION);
    return {
      ...{ log, commit, clock, logger },
      models: new ModelFollower(this, genesis, settings.kernel),
      snapshots: null,
      metrics: foldMetrics(this),
      progress: new Progress(log.partitionCount),
      ...over,
    };
  }

  /** Appends ticks to the partitions of their symbols. */
  async append(ticks: readonly Tick[]): Promise<void> {
    const { partitionCount } = this.log;
    for (let p = 0; p < partitionCount; p += 1) {
      const own = ticks.filter(({ symbol }) => partitionOf(symbol, partitionCount) === p);
      await this.log.append('ticks', p, own.map(bytesOf));
    }
  }

  /** The same, and waits until the newest service has folded them. */
  async fold(ticks: readonly Tick[]): Promise<void> {
    await this.append(ticks);
    await this.#newest?.waitFor(await this.ends());
  }

  /** Where `ticks` ends, per partition. */
  async ends(): Promise<bigint[]> {
    const partitions = Array.from({ length: this.log.partitionCount }, (_, p) => p);
    return Promise.all(partitions.map(async (p) => (await this.log.bounds('ticks', p)).end));
  }

  async records(topic: Topic, partition = 0): Promise<LogRecord[]> {
    const { start, end } = await this.log.bounds(topic, partition);
    const all: LogRecord[] = [];
    for await (const page of this.log.read(topic, partition, start, end)) all.push(...page);
    return all;
  }

  /** All forecast entries of a partition, in the order of the log. */
  async entries(partition: number): Promise<ForecastEntry[]> {
    const records = await this.records('forecasts', partition);
    return records.flatMap(({ value }) => decodeForecastPack(value).entries);
  }
}
