import { createHash } from 'node:crypto';
import { initialParameters } from '#shared/nn/initial-parameters.ts';
import { adamW } from '#shared/nn/optimisers/adamw.ts';
import { QuantileNetwork } from '#shared/nn/quantile-network.ts';
import { Random } from '#shared/nn/random.ts';
import { Tbptt } from '#shared/nn/tbptt.ts';

/**
 * Run as a program: writes the sha256 over the states and outputs of `argv[2]` steps of a network, and over the parameters after
 * `argv[3]` updates of training, both at the default sizes on the kernel `argv[4]`. Equal wherever the kernel keeps its promise.
 */
const [steps, updates] = [Number(process.argv[2]), Number(process.argv[3])];
const kernel = process.argv[4] === 'wasm-fma' ? 'wasm-fma' : 'wasm';
const levels = Array.from({ length: 21 }, (_, k) => (k + 0.5) / 21);
const shape = {
  ...{ cell: 'lstm' as const, layers: 1 },
  ...{ inputSize: 24, hiddenSize: 16, headSize: 48, outputSize: 63 },
};
const parameters = initialParameters(shape, { levels, seed: 1 });

function digestOfSteps(): string {
  const random = new Random('digest of steps');
  const network = new QuantileNetwork(shape, parameters, kernel);
  const hash = createHash('sha256');
  const input = new Float32Array(shape.inputSize);
  const state = new Float32Array(network.stateSize);
  const output = new Float32Array(shape.outputSize);
  for (let t = 0; t < steps; t++) {
    // Uniform numbers need no function that engines could round differently.
    for (let k = 0; k < input.length; k++) input[k] = 6 * random.next() - 3;
    if (!network.step(input, 0, state, 0, output, 0)) throw new Error(`step ${t} was not finite`);
    hash.update(state).update(output);
  }
  return hash.digest('hex');
}

function digestOfTraining(): string {
  const random = new Random('digest of training');
  const batch = new Tbptt({ shape, levels, windows: 16, steps: 64, dropout: 0.2, kernel });
  batch.mask.fill(1);
  const trained = parameters.slice();
  const gradients = new Float32Array(trained.length);
  const moments = { first: gradients.slice(), second: gradients.slice() };
  for (let update = 1; update <= updates; update++) {
    for (let k = 0; k < batch.input.length; k++) batch.input[k] = 4 * random.next() - 2;
    for (let k = 0; k < batch.target.length; k++) batch.target[k] = 4 * random.next() - 2;
    batch.train(trained, gradients, random);
    adamW(trained, gradients, moments, update, { learningRate: 3e-3, weightDecay: 1e-2 });
  }
  return createHash('sha256').update(trained).digest('hex');
}

process.stdout.write(
  JSON.stringify({
    node: process.versions.node,
    steps: digestOfSteps(),
    training: digestOfTraining(),
  }),
);
