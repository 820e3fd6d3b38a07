import { timed } from '../interleave.ts';
import type { Contender, Opened, StepCase, TrainingCase } from './lstm-case.ts';
import { openTurns } from './training-turns.ts';

/**
 * What anyone would write in an afternoon: an LSTM in plain TypeScript on Float32Arrays, a loop a sum, Math.exp and Math.tanh. Names
 * and letters as in the textbooks. It shares no line with the product, so it checks the product too.
 */
export function plainContender(): Contender {
  return {
    name: 'plain TypeScript',
    version: 'this commit',
    open: async (of) => (of.kind === 'step' ? openStep(of) : openTraining(of)),
  };
}

function openStep(of: StepCase): Opened {
  const { inputSize: I, hiddenSize: H, batch: B } = of;
  const h = of.hidden.slice();
  const c = of.memory.slice();
  const gates = new Float32Array(B * 4 * H);
  const next = new Float32Array(B * H);
  const step = (x: Float32Array): void => {
    stepForward(of.parameters, { I, H, B }, x, h, c, gates, next);
    h.set(next);
  };
  return {
    outputs() {
      for (const x of of.inputs) step(x);
      return { hidden: h.slice(), memory: c.slice() };
    },
    run: timed(() => step(of.inputs[0])),
    close() {},
  };
}

interface Sizes {
  readonly I: number;
  readonly H: number;
  readonly B: number;
}

const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));

/** x: B x I, h: B x H, c: B x H (becomes the next), gates: B x 4H (left activated), next: B x H (the next h). */
function stepForward(
  w: Float32Array,
  { I, H, B }: Sizes,
  x: Float32Array,
  h: Float32Array,
  c: Float32Array,
  gates: Float32Array,
  next: Float32Array,
): void {
  const Z = I + H;
  for (let b = 0; b < B; b++) {
    const g = b * 4 * H;
    for (let j = 0; j < 4 * H; j++) {
      let sum = w[4 * H * Z + j];
      for (let k = 0; k < I; k++) sum += w[j * Z + k] * x[b * I + k];
      for (let k = 0; k < H; k++) sum += w[j * Z + I + k] * h[b * H + k];
      gates[g + j] = sum;
    }
    for (let k = 0; k < H; k++) {
      const i = sigmoid(gates[g + k]);
      const f = sigmoid(gates[g + H + k]);
      const a = Math.tanh(gates[g + 2 * H + k]);
      const o = sigmoid(gates[g + 3 * H + k]);
      const cell = f * c[b * H + k] + i * a;
      gates[g + k] = i;
      gates[g + H + k] = f;
      gates[g + 2 * H + k] = a;
      gates[g + 3 * H + k] = o;
      c[b * H + k] = cell;
      next[b * H + k] = o * Math.tanh(cell);
    }
  }
}

function openTraining(of: TrainingCase): Opened {
  const w = of.parameters.slice();
  const dw = new Float32Array(w.length);
  const m = new Float32Array(w.length);
  const v = new Float32Array(w.length);
  const pass = bothPasses(of, w, dw);
  let updates = 0;
  const finish = (): void => {
    updates++;
    clipAndAdam(w, dw, m, v, updates, of);
  };
  return openTurns({ parameters: w, gradients: dw, pass, finish });
}

/** @returns what walks the window forward and backward, leaves the gradient in `dw` and gives the loss */
function bothPasses(of: TrainingCase, w: Float32Array, dw: Float32Array): () => number {
  const { inputSize: I, hiddenSize: H, batch: B, steps: T } = of;
  const rows = (count: number, size: number): Float32Array[] =>
    Array.from({ length: count }, () => new Float32Array(B * size));
  const x = Array.from({ length: T }, (_, t) => of.input.subarray(t * B * I, (t + 1) * B * I));
  const y = Array.from({ length: T }, (_, t) => of.target.subarray(t * B * H, (t + 1) * B * H));
  // h[t] and c[t] stand before step t.
  const h = rows(T + 1, H);
  const c = rows(T + 1, H);
  const gates = rows(T, 4 * H);
  const dh = new Float32Array(B * H);
  const dc = new Float32Array(B * H);
  const sizes = { I, H, B };
  return () => {
    let loss = 0;
    for (let t = 0; t < T; t++) {
      c[t + 1].set(c[t]);
      stepForward(w, sizes, x[t], h[t], c[t + 1], gates[t], h[t + 1]);
      for (let k = 0; k < B * H; k++) loss += (h[t + 1][k] - y[t][k]) ** 2;
    }
    dw.fill(0);
    dh.fill(0);
    dc.fill(0);
    for (let t = T - 1; t >= 0; t--) {
      for (let k = 0; k < B * H; k++) dh[k] += (2 * (h[t + 1][k] - y[t][k])) / (T * B);
      gatesBackward(B, H, gates[t], c[t], c[t + 1], dh, dc);
      productsBackward(w, dw, sizes, x[t], h[t], gates[t], dh);
    }
    return loss / (T * B);
  };
}

/** Turns activated gates into the gradient before activation, and dc into that of the step before. */
function gatesBackward(
  B: number,
  H: number,
  gates: Float32Array,
  c: Float32Array,
  nextC: Float32Array,
  dh: Float32Array,
  dc: Float32Array,
): void {
  for (let b = 0; b < B; b++) {
    for (let k = 0; k < H; k++) {
      const g = b * 4 * H + k;
      const i = gates[g];
      const f = gates[g + H];
      const a = gates[g + 2 * H];
      const o = gates[g + 3 * H];
      const squashed = Math.tanh(nextC[b * H + k]);
      const d = dc[b * H + k] + dh[b * H + k] * o * (1 - squashed * squashed);
      gates[g] = d * a * i * (1 - i);
      gates[g + H] = d * c[b * H + k] * f * (1 - f);
      gates[g + 2 * H] = d * i * (1 - a * a);
      gates[g + 3 * H] = dh[b * H + k] * squashed * o * (1 - o);
      dc[b * H + k] = d * f;
    }
  }
}

/** dw += dz [x; h]^T, and dh becomes W^T dz. */
function productsBackward(
  w: Float32Array,
  dw: Float32Array,
  { I, H, B }: Sizes,
  x: Float32Array,
  h: Float32Array,
  dz: Float32Array,
  dh: Float32Array,
): void {
  const Z = I + H;
  dh.fill(0);
  for (let b = 0; b < B; b++) {
    for (let j = 0; j < 4 * H; j++) {
      const d = dz[b * 4 * H + j];
      for (let k = 0; k < I; k++) dw[j * Z + k] += d * x[b * I + k];
      for (let k = 0; k < H; k++) {
        dw[j * Z + I + k] += d * h[b * H + k];
        dh[b * H + k] += d * w[j * Z + I + k];
      }
      dw[4 * H * Z + j] += d;
    }
  }
}

function clipAndAdam(
  w: Float32Array,
  dw: Float32Array,
  m: Float32Array,
  v: Float32Array,
  updates: number,
  { largestNorm, learningRate }: TrainingCase,
): void {
  let sum = 0;
  for (let k = 0; k < dw.length; k++) sum += dw[k] * dw[k];
  const factor = Math.min(1, largestNorm / Math.sqrt(sum));
  const toM = 1 - 0.9 ** updates;
  const toV = 1 - 0.999 ** updates;
  for (let k = 0; k < w.length; k++) {
    const g = dw[k] * factor;
    m[k] = 0.9 * m[k] + 0.1 * g;
    v[k] = 0.999 * v[k] + 0.001 * g * g;
    w[k] -= (learningRate * (m[k] / toM)) / (Math.sqrt(v[k] / toV) + 1e-8);
  }
}
