import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Floats } from '#shared/nn/add-product.ts';
import type { CellKind } from '#shared/nn/cells/cell-kinds.ts';
import { networkCell } from '#shared/nn/network-shape.ts';
import { adamW } from '#shared/nn/optimisers/adamw.ts';

/** What test/golden/cells.py writes. */
interface Golden {
  readonly sizes: { inputSize: number; hiddenSize: number; rows: number; steps: number };
  readonly cases: readonly GoldenCase[];
}

interface GoldenCase {
  readonly kind: CellKind;
  readonly layers: number;
  readonly float: 32 | 64;
  readonly loss: number;
  /** Of some steps, `kept` in sizes. */
  readonly outputs: readonly number[];
  readonly gradients: Readonly<Record<string, readonly number[]>>;
  readonly dState: readonly number[];
  readonly dInput: readonly number[];
  /** Parameters after three steps. */
  readonly updated: Readonly<Record<string, readonly number[]>>;
}

const golden = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../../golden/cells.json'), 'utf8'),
) as Golden & { readonly sizes: { readonly kept: readonly number[] } };
const { inputSize: I, hiddenSize: H, rows: B, steps: T, kept } = golden.sizes;
/** As the script has them. */
const OPTIMISER = { learningRate: 3e-3, weightDecay: 1e-2 };
const UPDATES = 3;

/** Forward and backward through T steps: L = sum (output - target)^2 / (2 T B H). */
function passOf({ kind, layers, float }: GoldenCase) {
  const floats = float === 64 ? Float64Array : Float32Array;
  const sines = (count: number, size: number, start: number, step: number): Floats =>
    new floats(count).map((_, k) => size * Math.sin(start + step * k));
  const cell = networkCell({ cell: kind, layers, inputSize: I, hiddenSize: H });
  const S = cell.stateSize;
  const parameters = sines(cell.parameterCount, 0.4, 1, 1.7);
  const input = sines(T * B * I, 1.2, 0.9, 0.37);
  const targets = sines(T * B * H, 0.5, 0.7, 0.53);
  const start = sines(B * S, 0.3, 2, 1.1);
  const outputs = new floats(T * B * H);
  const tape = new floats(T * B * cell.tapeSize);
  const gradients = new floats(cell.parameterCount);
  const dState = new floats(B * S);
  const dInput = new floats(T * B * I);
  const forward = (): void => {
    const state = start.slice();
    for (let t = 0; t < T; t++) {
      const tapeAt = t * B * cell.tapeSize;
      cell.forward(B, parameters, 0, input, t * B * I, state, 0, tape, tapeAt);
      for (let b = 0; b < B; b++) {
        const at = b * S + cell.hiddenAt;
        outputs.set(state.subarray(at, at + H), (t * B + b) * H);
      }
    }
  };
  const addErrors = (t: number, errors: Floats): void => {
    for (let k = 0; k < B * H; k++) {
      const at = Math.floor(k / H) * S + cell.hiddenAt + (k % H);
      dState[at] += (errors[t * B * H + k] as number) / errors.length;
    }
  };
  const pass = (): number => {
    forward();
    for (const zeroed of [gradients, dState, dInput]) zeroed.fill(0);
    const errors = outputs.map((output, k) => output - (targets[k] as number));
    for (let t = T - 1; t >= 0; t--) {
      addErrors(t, errors);
      const tapeAt = t * B * cell.tapeSize;
      const dInputAt = t * B * I;
      cell.backward(B, parameters, 0, tape, tapeAt, dState, gradients, dInput, 0, dInputAt);
    }
    return [...errors].reduce((sum, e) => sum + e * e, 0) / (2 * errors.length);
  };
  return { pass, parameters, gradients, dState, dInput, outputs };
}

function rowsOfKept(values: Floats, size: number): number[] {
  return kept.flatMap((t) => [...values.subarray(t * B * size, (t + 1) * B * size)]);
}

describe.each(golden.cases.map((one) => ({ ...one, name: `${one.kind} x ${one.layers}` })))(
  '$name in float$float agrees with PyTorch (test/golden/cells.py)',
  (one) => {
    const { pass, parameters, gradients, dState, dInput, outputs } = passOf(one);
    const bound = one.float === 64 ? 1e-9 : 1e-5;
    const near = (found: ArrayLike<number>, expected: readonly number[], name: string): void => {
      expect(found.length).toBe(expected.length);
      const difference = Math.max(...expected.map((e, k) => Math.abs(e - (found[k] as number))));
      const largest = Math.max(...expected.map(Math.abs));
      expect(largest).toBeGreaterThan(0);
      expect(difference / largest, name).toBeLessThanOrEqual(bound);
    };
    const nearAll = (found: Floats, expected: GoldenCase['gradients']): void => {
      let at = 0;
      for (const [name, part] of Object.entries(expected)) {
        near(found.subarray(at, at + part.length), part, name);
        at += part.length;
      }
      expect(at).toBe(found.length);
    };

    test('outputs, loss and every gradient through 50 steps, and three AdamW steps', () => {
      near([pass()], [one.loss], 'loss');
      near(rowsOfKept(outputs, H), one.outputs, 'outputs');
      nearAll(gradients, one.gradients);
      near(dState, one.dState, 'dState');
      near(rowsOfKept(dInput, I), one.dInput, 'dInput');
      const moments = { first: gradients.slice().fill(0), second: gradients.slice().fill(0) };
      for (let step = 1; step <= UPDATES; step++) {
        pass();
        adamW(parameters, gradients, moments, step, OPTIMISER);
      }
      nearAll(parameters, one.updated);
    });
  },
);
