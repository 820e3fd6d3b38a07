import { INPUT_SIZE } from '#shared/features/feature-vector.ts';
import { TICK_LEVELS } from '#shared/forecast/quantile-levels.ts';
import { initialParameters } from '#shared/nn/initial-parameters.ts';
import { KERNEL_NAMES, type KernelName } from '#shared/nn/kernels/kernel.ts';
import type { NetworkShape } from '#shared/nn/network-shape.ts';
import { QuantileNetwork } from '#shared/nn/quantile-network.ts';
import { Random } from '#shared/nn/random.ts';
import { Tbptt } from '#shared/nn/tbptt.ts';
import { fastest, interleave, spread, type Timed, timed } from '../interleave.ts';

const HORIZONS = 3;
const WINDOWS = 16;
const STEPS = 64;
const DROPOUT = 0.4;

/** One line of the table: what was timed, and nanoseconds per kernel. */
export interface NetworkResult {
  readonly what: string;
  readonly ns: Readonly<Record<string, number>>;
  readonly widestSpread: number;
}

/** The product's own network, step and training, on each of its kernels in turns. */
export async function* runNetwork(rounds: number): AsyncGenerator<NetworkResult> {
  for (const hiddenSize of [16, 64]) {
    const shape = shapeOf(hiddenSize);
    yield await compare(`step, H ${hiddenSize}`, rounds, (kernel) => stepping(shape, kernel));
    yield await compare(`carry, H ${hiddenSize}`, rounds, (kernel) => carrying(shape, kernel));
    const training = `train ${WINDOWS} x ${STEPS}, H ${hiddenSize}`;
    yield await compare(training, rounds, (kernel) => trainingOf(shape, kernel));
  }
}

/** A line of markdown; ratios are against `reference`. */
export function networkLine({ what, ns, widestSpread }: NetworkResult): string {
  const cells = Object.values(ns).map(
    (one) => `${micros(one)} (${(ns['reference'] / one).toFixed(2)}x)`,
  );
  return `| ${[what, ...cells, `${Math.round(widestSpread * 100)} %`].join(' | ')} |`;
}

export function networkHead(): string[] {
  const names = [...KERNEL_NAMES].sort(referenceFirst);
  const { inputSize, headSize, outputSize } = shapeOf(16);
  return [
    `${inputSize} inputs, ${headSize} head units, ${outputSize} outputs; the spread is that of the kernel that varied most.`,
    '',
    `| | ${names.join(' | ')} | spread |`,
    `|${'---|'.repeat(names.length + 2)}`,
  ];
}

async function compare(
  what: string,
  rounds: number,
  work: (kernel: KernelName) => () => void,
): Promise<NetworkResult> {
  const names = [...KERNEL_NAMES].sort(referenceFirst);
  const contenders: Timed[] = names.map((name) => ({ name, run: timed(work(name)) }));
  const timings = await interleave(contenders, { rounds, sliceNs: 2e7, warmUpNs: 2e8 });
  return {
    what,
    ns: Object.fromEntries(timings.map((timing) => [timing.name, fastest(timing)])),
    widestSpread: Math.max(...timings.map(spread)),
  };
}

function stepping(shape: NetworkShape, kernel: KernelName): () => void {
  const { network, input, state } = aNetwork(shape, kernel);
  const output = new Float32Array(shape.outputSize);
  return () => void network.step(input, 0, state, 0, output, 0);
}

function carrying(shape: NetworkShape, kernel: KernelName): () => void {
  const { network, input, state } = aNetwork(shape, kernel);
  return () => void network.carry(input, 0, state, 0);
}

function trainingOf(shape: NetworkShape, kernel: KernelName): () => void {
  const random = new Random(1);
  const parameters = parametersOf(shape);
  const gradients = new Float32Array(parameters.length);
  const batch = new Tbptt({
    shape,
    kernel,
    levels: TICK_LEVELS,
    windows: WINDOWS,
    steps: STEPS,
    dropout: DROPOUT,
  });
  for (let k = 0; k < batch.input.length; k++) batch.input[k] = random.normal();
  for (let k = 0; k < batch.target.length; k++) batch.target[k] = random.normal();
  batch.mask.fill(1);
  return () => {
    batch.state.fill(0);
    batch.train(parameters, gradients, random);
  };
}

function aNetwork(shape: NetworkShape, kernel: KernelName) {
  const random = new Random(1);
  const network = new QuantileNetwork(shape, parametersOf(shape), kernel);
  const input = Float32Array.from({ length: shape.inputSize }, () => random.normal());
  return { network, input, state: new Float32Array(network.stateSize) };
}

function shapeOf(hiddenSize: number): NetworkShape {
  const outputSize = HORIZONS * TICK_LEVELS.length;
  return { cell: 'lstm', layers: 1, inputSize: INPUT_SIZE, hiddenSize, headSize: 48, outputSize };
}

function parametersOf(shape: NetworkShape): Float32Array {
  return initialParameters(shape, { levels: TICK_LEVELS, seed: 1 });
}

function referenceFirst(a: string, b: string): number {
  if ((a === 'reference') !== (b === 'reference')) return a === 'reference' ? -1 : 1;
  return a < b ? -1 : 1;
}

function micros(ns: number): string {
  return ns >= 1e6 ? `${(ns / 1e6).toFixed(2)} ms` : `${(ns / 1e3).toFixed(2)} us`;
}
