import { type ContenderName, PASS_THROUGHS } from './contender.ts';
import type { Latency } from './latency.ts';
import type { PipelineResults } from './pipeline-bench.ts';
import type { Throughput } from './throughput.ts';
import type { Training } from './training.ts';

/** What Quix Streams with deep-river's LSTM, learning at each tick, did on such a machine, measured apart. */
const PYTHON_TICKS_PER_SECOND = 323;
const GOALS = { 'model left out': 0.8, lstm: 0.25 } as const;
const LATENCY_GOAL = 1.5;
const TRAINING_GOAL = 100;

/** Markdown lines; ratios of medians are what is claimed. */
export function pipelineLines({ throughput, latency, training }: PipelineResults): string[] {
  return [
    '## Throughput',
    '',
    ...throughputLines(throughput),
    '',
    '## Where the time of the thread goes',
    '',
    ...shareLines(throughput),
    '',
    '## From tick to forecast',
    '',
    ...latencyLines(latency),
    '',
    '## With training on',
    '',
    trainingLine(training),
  ];
}

function throughputLines(all: readonly Throughput[]): string[] {
  const [ofKafkajs, ofOurs] = PASS_THROUGHS.map((base) => {
    const rates = all.find(({ name }) => name === base)?.rates ?? [];
    return (one: Throughput) => median(one.rates) / median(rates);
  });
  const rows = all.map((one) => {
    const ratio = ofKafkajs(one);
    const goal = one.name in GOALS ? GOALS[one.name as keyof typeof GOALS] : null;
    const verdict = goal === null ? '' : `${verdictOf(ratio >= goal)} (${goal})`;
    const micros = one.processorMicros.length === 0 ? '' : median(one.processorMicros).toFixed(1);
    const cells = [
      one.name,
      rate(median(one.rates)),
      `${rate(Math.min(...one.rates))} to ${rate(Math.max(...one.rates))}`,
    ];
    const ratios = [ratio.toFixed(2), verdict, ofOurs(one).toFixed(2)];
    return `| ${[...cells, ...ratios, micros].join(' | ')} |`;
  });
  return [
    '| | ticks/s, median | range | of pass-through, kafkajs | goal | of pass-through, our adapter | processor us per tick, brokers included |',
    '|---|---|---|---|---|---|---|',
    ...rows,
  ];
}

function shareLines(all: readonly Throughput[]): string[] {
  const parts = [...all[0].shares.keys()].filter((part) =>
    all.some(({ shares }) => (shares.get(part) ?? 0) >= 0.005),
  );
  const row = (part: string) =>
    all.map(({ shares }) => `${Math.round(100 * (shares.get(part) ?? 0))} %`);
  return [
    `| | ${all.map(({ name }) => name).join(' | ')} |`,
    `|---${'|---'.repeat(all.length)}|`,
    ...parts.map((part) => `| ${[part, ...row(part)].join(' | ')} |`),
  ];
}

function latencyLines(all: readonly Latency[]): string[] {
  const rows = all.map((one) => {
    const [ofKafkajs, ofOurs] = PASS_THROUGHS.map((base) => ratiosOf(one, base, all));
    const isPassThrough = PASS_THROUGHS.some((name) => name === one.name);
    const isMet = ofKafkajs.every((ratio) => ratio <= LATENCY_GOAL);
    const cells = [
      rate(one.ratePerSecond),
      one.name,
      median(one.p50Ms).toFixed(1),
      median(one.p99Ms).toFixed(1),
      ofKafkajs.map((ratio) => ratio.toFixed(2)).join(', '),
      isPassThrough ? '' : verdictOf(isMet),
      ofOurs.map((ratio) => ratio.toFixed(2)).join(', '),
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return [
    `| ticks/s | | p50 ms | p99 ms | of pass-through, kafkajs | goal (${LATENCY_GOAL}) | of pass-through, our adapter |`,
    '|---|---|---|---|---|---|---|',
    ...rows,
  ];
}

/** Of p50 and of p99, at the same rate of ticks. */
function ratiosOf(one: Latency, base: ContenderName, all: readonly Latency[]): readonly number[] {
  const under = all.find(
    ({ name, ratePerSecond }) => name === base && ratePerSecond === one.ratePerSecond,
  );
  if (under === undefined) throw new Error(`${base} must have run at each rate`);
  return (['p50Ms', 'p99Ms'] as const).map((key) => median(one[key]) / median(under[key]));
}

function trainingLine({ ticksPerSecond, retrainCount }: Training): string {
  const times = ticksPerSecond / PYTHON_TICKS_PER_SECOND;
  const verdict = verdictOf(times >= TRAINING_GOAL);
  return `${rate(ticksPerSecond)} ticks/s with ${retrainCount} trainings meanwhile: ${times.toFixed(0)} times the ${PYTHON_TICKS_PER_SECOND} of a Python pipeline that learns at each tick (recorded, not part of this run); goal ${TRAINING_GOAL}, ${verdict}.`;
}

function verdictOf(isMet: boolean): string {
  return isMet ? 'met' : 'missed';
}

function rate(perSecond: number): string {
  return Math.round(perSecond).toLocaleString('en');
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
