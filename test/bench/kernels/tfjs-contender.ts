import { dirname, join } from 'node:path';
import { timed } from '../interleave.ts';
import type { Peers } from '../peers.ts';
import {
  CHECKED_STEPS,
  type Contender,
  type Opened,
  type StepCase,
  type TrainingCase,
} from './lstm-case.ts';

/** The little of TensorFlow.js that is used here. */
interface Tf {
  setBackend(name: string): Promise<boolean>;
  tensor(values: Float32Array, shape: readonly number[]): Tensor;
  zeros(shape: readonly number[]): Tensor;
  variable(initial: Tensor): Tensor;
  concat(parts: readonly Tensor[], axis: number): Tensor;
  split(whole: Tensor, parts: number, axis: number): Tensor[];
  unstack(whole: Tensor, axis: number): Tensor[];
  stack(parts: readonly Tensor[], axis: number): Tensor;
  addN(parts: readonly Tensor[]): Tensor;
  minimum(a: Tensor, b: number): Tensor;
  readonly fused: { matMul(of: { a: Tensor; b: Tensor; bias: Tensor }): Tensor };
  tidy<Result>(work: () => Result): Result;
  variableGrads(loss: () => Tensor, variables: readonly Tensor[]): Gradients;
  readonly train: { adam(rate: number, b1: number, b2: number, epsilon: number): Optimiser };
}
interface Tensor {
  readonly name: string;
  add(other: Tensor): Tensor;
  sub(other: Tensor): Tensor;
  mul(other: Tensor | number): Tensor;
  div(other: number): Tensor;
  square(): Tensor;
  sqrt(): Tensor;
  reciprocal(): Tensor;
  sum(axis?: number): Tensor;
  sigmoid(): Tensor;
  tanh(): Tensor;
  dataSync(): Float32Array;
  dispose(): void;
}
interface Gradients {
  readonly value: Tensor;
  readonly grads: Readonly<Record<string, Tensor>>;
}
interface Optimiser {
  applyGradients(gradients: Readonly<Record<string, Tensor>>): void;
  dispose(): void;
}
interface WasmBackend {
  setWasmPaths(folder: string): void;
  setThreadsCount(count: number): void;
}

/** TensorFlow.js on its WebAssembly backend with SIMD, one thread: each step written in its operators, the product fused with the bias. */
export async function tfjsContender(peers: Peers): Promise<Contender> {
  const tf: Tf = peers.load('@tensorflow/tfjs');
  const backend: WasmBackend = peers.load('@tensorflow/tfjs-backend-wasm');
  backend.setWasmPaths(
    `${join(dirname(peers.path('@tensorflow/tfjs-backend-wasm/package.json')), 'dist')}/`,
  );
  backend.setThreadsCount(1);
  if (!(await tf.setBackend('wasm'))) throw new Error('the wasm backend of tfjs did not start');
  return {
    name: 'tfjs wasm',
    version: peers.version('@tensorflow/tfjs-backend-wasm'),
    open: async (of) => (of.kind === 'step' ? openStep(tf, of) : openTraining(tf, of)),
  };
}

interface Cell {
  /** (I + H) x 4H. */
  readonly weights: Tensor;
  readonly bias: Tensor;
}

function next(tf: Tf, { weights, bias }: Cell, x: Tensor, h: Tensor, c: Tensor) {
  const gates = tf.fused.matMul({ a: tf.concat([x, h], 1), b: weights, bias });
  const [i, f, g, o] = tf.split(gates, 4, 1);
  const nextC = f.sigmoid().mul(c).add(i.sigmoid().mul(g.tanh()));
  return { h: o.sigmoid().mul(nextC.tanh()), c: nextC };
}

function openStep(tf: Tf, of: StepCase): Opened {
  const { inputSize: I, hiddenSize: H, batch: B } = of;
  const [weights, bias] = cellTensors(tf, of);
  let h = tf.tensor(of.hidden, [B, H]);
  let c = tf.tensor(of.memory, [B, H]);
  const step = (input: Float32Array): Float32Array => {
    const old = [h, c];
    ({ h, c } = tf.tidy(() => next(tf, { weights, bias }, tf.tensor(input, [B, I]), h, c)));
    for (const tensor of old) tensor.dispose();
    // The step's result is wanted outside of the library.
    return h.dataSync();
  };
  return {
    outputs() {
      for (const input of of.inputs) step(input);
      return { hidden: h.dataSync().slice(), memory: c.dataSync().slice() };
    },
    run: timed(() => {
      step(of.inputs[0]);
    }),
    close() {
      for (const tensor of [weights, bias, h, c]) tensor.dispose();
    },
  };
}

function openTraining(tf: Tf, of: TrainingCase): Opened {
  const [weights, bias] = cellTensors(tf, of).map((tensor) => tf.variable(tensor));
  const optimiser = tf.train.adam(of.learningRate, 0.9, 0.999, 1e-8);
  const update = (): { loss: number; gradients: readonly Float32Array[] } =>
    tf.tidy(() => {
      const { value, grads } = tf.variableGrads(
        () => windowLoss(tf, of, { weights, bias }),
        [weights, bias],
      );
      const found = [grads[weights.name], grads[bias.name]];
      const norm = tf.addN(found.map((gradient) => gradient.square().sum())).sqrt();
      const factor = tf.minimum(norm.reciprocal().mul(of.largestNorm), 1);
      optimiser.applyGradients({
        [weights.name]: found[0].mul(factor),
        [bias.name]: found[1].mul(factor),
      });
      return { loss: value.dataSync()[0], gradients: found.map((gradient) => gradient.dataSync()) };
    });
  return {
    outputs() {
      const updates = Array.from({ length: CHECKED_STEPS }, update);
      const [dWeights, dBias] = updates[0].gradients;
      return {
        losses: Float32Array.from(updates, ({ loss }) => loss),
        gradients: ourLayout(of, dWeights, dBias),
        parameters: ourLayout(of, weights.dataSync(), bias.dataSync()),
      };
    },
    run: timed(() => {
      update();
    }),
    close() {
      optimiser.dispose();
      for (const tensor of [weights, bias]) tensor.dispose();
    },
  };
}

function windowLoss(tf: Tf, of: TrainingCase, cell: Cell): Tensor {
  const { inputSize: I, hiddenSize: H, batch: B, steps: T } = of;
  const inputs = tf.unstack(tf.tensor(of.input, [T, B, I]), 0);
  let state = { h: tf.zeros([B, H]), c: tf.zeros([B, H]) };
  const hidden = inputs.map((x) => {
    state = next(tf, cell, x, state.h, state.c);
    return state.h;
  });
  const error = tf.stack(hidden, 0).sub(tf.tensor(of.target, [T, B, H]));
  // Axis by axis: the backend adds one number after the other in float32, and a sum over all would lose the fifth digit.
  const sum = error.square().sum(2).sum(1).sum();
  return sum.div(T * B);
}

/** The parameters as (I + H) x 4H weights and 4H biases. */
function cellTensors(tf: Tf, of: StepCase | TrainingCase): [Tensor, Tensor] {
  const { inputSize: I, hiddenSize: H, parameters } = of;
  const turned = transposed(parameters.subarray(0, 4 * H * (I + H)), 4 * H, I + H);
  const bias = parameters.slice(4 * H * (I + H));
  return [tf.tensor(turned, [I + H, 4 * H]), tf.tensor(bias, [4 * H])];
}

function ourLayout(of: TrainingCase, weights: Float32Array, bias: Float32Array): Float32Array {
  const { inputSize: I, hiddenSize: H } = of;
  return Float32Array.from([...transposed(weights, I + H, 4 * H), ...bias]);
}

function transposed(from: Float32Array, rows: number, columns: number): Float32Array {
  const to = new Float32Array(from.length);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) to[c * rows + r] = from[r * columns + c];
  }
  return to;
}
