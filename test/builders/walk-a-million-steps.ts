import type { Cell } from '#shared/nn/cells/cell.ts';
import { CELL_KINDS } from '#shared/nn/cells/cell-kinds.ts';
import { initialParameters } from '#shared/nn/initial-parameters.ts';
import { type NetworkShape, networkCell } from '#shared/nn/network-shape.ts';
import { QuantileNetwork } from '#shared/nn/quantile-network.ts';
import { Random } from '#shared/nn/random.ts';

/**
 * Run as a program, with --expose-gc and a young generation of 64 MB: walks a network forward through `argv[2]` steps, and each
 * cell forward and back through a tenth of them, and writes as JSON by how many bytes the heap grew meanwhile, and how many a step leaves to the collector.
 */
const STEPS = Number(process.argv[2]);
const WARM_UP = 50_000;
/** So few that the young generation holds their garbage. */
const FEW = 20_000;
const [I, H] = [2, 3];

const turn = (): Promise<void> => new Promise((done) => setImmediate(done));

async function collectedHeap(): Promise<number> {
  // What V8 compiled in the background is handed over at a turn.
  await turn();
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

async function growth(steps: number, walk: (steps: number) => void) {
  walk(WARM_UP);
  // A second time, so that what V8 compiled meanwhile is in use.
  walk(WARM_UP);
  const before = await collectedHeap();
  walk(FEW);
  const garbagePerStep = (process.memoryUsage().heapUsed - before) / FEW;
  const start = await collectedHeap();
  walk(steps);
  return { grown: (await collectedHeap()) - start, garbagePerStep };
}

function cellWalk(cell: Cell): (steps: number) => void {
  const parameters = new Float32Array(cell.parameterCount);
  cell.initialise(parameters, 0, new Random(1));
  const gradients = new Float32Array(cell.parameterCount);
  const input = Float32Array.of(0.3, -0.2);
  const [state, dState] = [new Float32Array(cell.stateSize), new Float32Array(cell.stateSize)];
  const tape = new Float32Array(cell.tapeSize);
  const dInput = new Float32Array(I);
  return (steps) => {
    for (let k = 0; k < steps; k++) {
      cell.forward(1, parameters, 0, input, 0, state, 0, tape, 0);
      cell.backward(1, parameters, 0, tape, 0, dState, gradients, dInput);
    }
  };
}

function networkWalk(shape: NetworkShape): (steps: number) => void {
  const network = new QuantileNetwork(shape, initialParameters(shape, { levels: [0.5], seed: 1 }));
  const input = Float32Array.of(0.3, -0.2);
  const state = new Float32Array(network.stateSize);
  const output = new Float32Array(shape.outputSize);
  return (steps) => {
    for (let k = 0; k < steps; k++) network.step(input, 0, state, 0, output, 0);
  };
}

const recurrence = { layers: 1, inputSize: I, hiddenSize: H };
const found: Record<string, unknown> = {};
for (const cell of CELL_KINDS) {
  found[cell] = await growth(STEPS / 10, cellWalk(networkCell({ ...recurrence, cell })));
}
const shape = { ...recurrence, cell: 'lstm' as const, layers: 2, headSize: 2, outputSize: 1 };
found['network'] = await growth(STEPS, networkWalk(shape));
// One layer of LSTM runs on the wasm kernel, all others on the reference.
found['wasm network'] = await growth(STEPS, networkWalk({ ...shape, layers: 1 }));
process.stdout.write(JSON.stringify(found));
