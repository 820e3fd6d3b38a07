import { Random } from '#shared/nn/random.ts';

/** One LSTM step of a batch of symbols, each with its own state. */
export interface StepCase {
  readonly kind: 'step';
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly batch: number;
  /** 4H x (I + H) weights, row-major, the input's columns first; then 4H biases. Gates: input, forget, candidate, output. */
  readonly parameters: Float32Array;
  /** B x I inputs for each of `CHECKED_STEPS` steps; timing repeats the first. */
  readonly inputs: readonly Float32Array[];
  /** B x H. */
  readonly hidden: Float32Array;
  /** B x H. */
  readonly memory: Float32Array;
}

/**
 * One update of training: B windows of T steps from a state of zero; loss = mean over (t, b) of sum over k of (h - target)^2;
 * backward through all T steps; clipping by global norm; Adam (beta 0.9 and 0.999, epsilon 1e-8).
 */
export interface TrainingCase {
  readonly kind: 'training';
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly batch: number;
  readonly steps: number;
  readonly parameters: Float32Array;
  /** T x B x I. */
  readonly input: Float32Array;
  /** T x B x H. */
  readonly target: Float32Array;
  readonly learningRate: number;
  readonly largestNorm: number;
}

/** Named arrays that every contender must agree on. A step: hidden, memory. Training: losses, gradients of the first update, parameters. */
export type Outputs = Readonly<Record<string, Float32Array>>;

/** A contender made ready for one case. */
export interface Opened {
  /** Steps or updates from the case's start, `CHECKED_STEPS` of them; called once, before `run`, which goes on from there. */
  outputs(): Outputs | Promise<Outputs>;
  /** @returns nanoseconds for all iterations together */
  run(iterations: number): number | Promise<number>;
  close(): void | Promise<void>;
}

export interface Contender {
  readonly name: string;
  readonly version: string;
  /** Null where it does not do this kind of case. */
  open(of: StepCase | TrainingCase): Promise<Opened | null>;
}

/** Steps, or updates, whose results are compared before anything is timed. */
export const CHECKED_STEPS = 3;
export const INPUT_SIZE = 8;
export const WINDOW_STEPS = 64;

export function stepCase(hiddenSize: number, batch: number): StepCase {
  const random = new Random(`step ${hiddenSize} ${batch}`);
  const inputs = Array.from({ length: CHECKED_STEPS }, () => normals(random, batch * INPUT_SIZE));
  return {
    kind: 'step',
    inputSize: INPUT_SIZE,
    hiddenSize,
    batch,
    parameters: untrained(random, hiddenSize),
    inputs,
    hidden: uniform(random, batch * hiddenSize, 0.5),
    memory: uniform(random, batch * hiddenSize, 1),
  };
}

export function trainingCase(hiddenSize: number, batch: number): TrainingCase {
  const random = new Random(`training ${hiddenSize} ${batch}`);
  return {
    kind: 'training',
    inputSize: INPUT_SIZE,
    hiddenSize,
    batch,
    steps: WINDOW_STEPS,
    parameters: untrained(random, hiddenSize),
    input: normals(random, WINDOW_STEPS * batch * INPUT_SIZE),
    target: uniform(random, WINDOW_STEPS * batch * hiddenSize, 0.5),
    learningRate: 1e-3,
    largestNorm: 0.1,
  };
}

/** Symbol-steps of one iteration: what times are divided by. */
export function symbolSteps(of: StepCase | TrainingCase): number {
  return of.kind === 'step' ? of.batch : of.batch * of.steps;
}

/** Uniform within 1 / sqrt(H), forget biases one higher: as the product's cell starts. */
function untrained(random: Random, hiddenSize: number): Float32Array {
  const weights = 4 * hiddenSize * (INPUT_SIZE + hiddenSize);
  const parameters = uniform(random, weights + 4 * hiddenSize, 1 / Math.sqrt(hiddenSize));
  for (let k = 0; k < hiddenSize; k++) parameters[weights + hiddenSize + k] += 1;
  return parameters;
}

function normals(random: Random, length: number): Float32Array {
  return Float32Array.from({ length }, () => random.normal());
}

function uniform(random: Random, length: number, bound: number): Float32Array {
  return Float32Array.from({ length }, () => bound * (2 * random.next() - 1));
}
