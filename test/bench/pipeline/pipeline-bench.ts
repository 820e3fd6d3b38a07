import type { RecordedTape } from '../recorded-tape.ts';
import { BenchBrokers } from './bench-brokers.ts';
import { type Latency, type LatencyOptions, measureLatency } from './latency.ts';
import { measureThroughput, type Throughput, type ThroughputOptions } from './throughput.ts';
import { measureTraining, type Training } from './training.ts';

export interface PipelineOptions extends ThroughputOptions {
  readonly latency: LatencyOptions;
  readonly trainingTicks: number;
}

const PARTITIONS = 16;

export const FULL: PipelineOptions = {
  rounds: 7,
  tickCount: 100_000,
  latency: { rounds: 3, seconds: 10, ratesPerSecond: [1_000, 10_000] },
  trainingTicks: 400_000,
};

/** To see that all runs; not for quoting. */
export const QUICK: PipelineOptions = {
  rounds: 2,
  tickCount: 30_000,
  latency: { rounds: 1, seconds: 3, ratesPerSecond: [1_000] },
  trainingTicks: 60_000,
};

export interface PipelineResults {
  readonly throughput: readonly Throughput[];
  readonly latency: readonly Latency[];
  readonly training: Training;
}

/** The pipeline on Kafka and Redis against a pass-through of the same bytes, on brokers of this run. */
export async function runPipeline(
  tape: RecordedTape,
  options: PipelineOptions,
  say: (line: string) => void,
): Promise<PipelineResults> {
  const brokers = await BenchBrokers.start(PARTITIONS);
  try {
    const throughput = await measureThroughput(brokers, tape, options, say);
    const latency = await measureLatency(brokers, tape, options.latency, say);
    const training = await measureTraining(brokers, tape, options.trainingTicks);
    return { throughput, latency, training };
  } finally {
    await brokers.remove();
  }
}
