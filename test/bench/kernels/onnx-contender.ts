import { timedAsync } from '../interleave.ts';
import type { Peers } from '../peers.ts';
import type { Contender, Opened, StepCase } from './lstm-case.ts';
import { onnxLstm } from './onnx-model.ts';

/** The little of onnxruntime-node that is used here. */
interface Onnx {
  readonly Tensor: new (type: 'float32', values: Float32Array, shape: readonly number[]) => Tensor;
  readonly InferenceSession: {
    create(model: Uint8Array, options: Readonly<Record<string, unknown>>): Promise<Session>;
  };
}
interface Tensor {
  readonly data: Float32Array;
}
interface Session {
  run(
    feeds: Readonly<Record<string, Tensor>>,
  ): Promise<{ readonly nextH: Tensor; readonly nextC: Tensor }>;
  release(): Promise<void>;
}

/** ONNX Runtime's own LSTM operator through its Node binding, one thread; inference alone. */
export function onnxContender(peers: Peers): Contender {
  const onnx: Onnx = peers.load('onnxruntime-node');
  return {
    name: 'onnxruntime-node',
    version: peers.version('onnxruntime-node'),
    open: async (of) => (of.kind === 'step' ? openStep(onnx, of) : null),
  };
}

async function openStep(onnx: Onnx, of: StepCase): Promise<Opened> {
  const { inputSize: I, hiddenSize: H, batch: B } = of;
  const session = await onnx.InferenceSession.create(onnxLstm(of), {
    executionProviders: ['cpu'],
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
  });
  const state = (numbers: Float32Array): Tensor =>
    new onnx.Tensor('float32', numbers.slice(), [1, B, H]);
  let h = state(of.hidden);
  let c = state(of.memory);
  const inputs = of.inputs.map((input) => new onnx.Tensor('float32', input, [1, B, I]));
  // Writing into tensors that are given to it is some 5 % slower than letting it make them.
  const step = async (x: Tensor): Promise<void> => {
    ({ nextH: h, nextC: c } = await session.run({ x, h, c }));
  };
  return {
    async outputs() {
      for (const x of inputs) await step(x);
      return { hidden: h.data.slice(), memory: c.data.slice() };
    },
    run: timedAsync(() => step(inputs[0])),
    close: () => session.release(),
  };
}
