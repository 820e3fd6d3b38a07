import { describe, expect, test } from 'vitest';
import type { Cell } from '#shared/nn/cells/cell.ts';
import { Random } from '#shared/nn/random.ts';

const normals = (random: Random, count: number, size = 1): Float64Array =>
  Float64Array.from({ length: count }, () => size * random.normal());

/** What every recurrent cell promises; see shared/nn/cells/cell.ts. */
export function cellContract(
  name: string,
  make: (inputSize: number, hiddenSize: number) => Cell,
): void {
  describe(`${name} is a recurrent cell`, () => {
    const I = 5;
    const H = 4;
    const B = 3;
    const cell = make(I, H);
    const S = cell.stateSize;

    /** L = sum over rows of weights . next state: its gradient wrt next state is `weights`. */
    const loss = (
      parameters: Float64Array,
      input: Float64Array,
      state: Float64Array,
      weights: Float64Array,
    ): number => {
      const next = state.slice();
      const tape = new Float64Array(B * cell.tapeSize);
      cell.forward(B, parameters, 0, input, 0, next, 0, tape, 0);
      return next.reduce((sum, value, k) => sum + value * (weights[k] as number), 0);
    };

    const example = () => {
      const random = new Random(`${name} example`);
      return {
        parameters: normals(random, cell.parameterCount, 0.6),
        input: normals(random, B * I),
        state: normals(random, B * S, 0.7),
        weights: normals(random, B * S),
      };
    };

    test('the gradient of every parameter, input and state agrees with central differences to 1e-8', () => {
      const { parameters, input, state, weights } = example();
      const gradients = new Float64Array(cell.parameterCount);
      const dInput = new Float64Array(B * I);
      const dState = weights.slice();
      const tape = new Float64Array(B * cell.tapeSize);
      cell.forward(B, parameters, 0, input, 0, state.slice(), 0, tape, 0);
      cell.backward(B, parameters, 0, tape, 0, dState, gradients, dInput);
      const check = (values: Float64Array, gradient: Float64Array): void => {
        for (let k = 0; k < values.length; k++) {
          const kept = values[k] as number;
          values[k] = kept + 1e-5;
          const above = loss(parameters, input, state, weights);
          values[k] = kept - 1e-5;
          const below = loss(parameters, input, state, weights);
          values[k] = kept;
          const measured = (above - below) / 2e-5;
          expect(Math.abs(measured - (gradient[k] as number))).toBeLessThan(
            1e-8 * (1 + Math.abs(measured)),
          );
        }
      };
      check(parameters, gradients);
      check(input, dInput);
      check(state, dState);
    });

    test('gradients are added to what stands there', () => {
      const { parameters, input, state, weights } = example();
      const run = (gradients: Float64Array): Float64Array => {
        const tape = new Float64Array(B * cell.tapeSize);
        cell.forward(B, parameters, 0, input, 0, state.slice(), 0, tape, 0);
        cell.backward(B, parameters, 0, tape, 0, weights.slice(), gradients);
        return gradients;
      };
      const once = run(new Float64Array(cell.parameterCount));
      const upon = run(new Float64Array(cell.parameterCount).fill(10));
      for (const [k, value] of upon.entries()) {
        expect(value).toBeCloseTo((once[k] as number) + 10, 10);
      }
    });

    test('a row has the same bits alone and among others', () => {
      const { parameters, input, state } = example();
      const weights32 = Float32Array.from(parameters);
      const together = Float32Array.from(state);
      const tape = new Float32Array(B * cell.tapeSize);
      cell.forward(B, weights32, 0, Float32Array.from(input), 0, together, 0, tape, 0);
      for (let b = 0; b < B; b++) {
        const alone = Float32Array.from(state);
        cell.forward(1, weights32, 0, Float32Array.from(input), b * I, alone, b * S, tape, 0);
        expect(alone.slice(b * S, b * S + S)).toEqual(together.slice(b * S, b * S + S));
      }
    });

    test('state stays finite under inputs of any finite size', () => {
      const { parameters } = example();
      const state = new Float32Array(S);
      const tape = new Float32Array(cell.tapeSize);
      for (const size of [0, 1e-38, 1, 1e10, 3e37, -3e37]) {
        const input = new Float32Array(I).fill(size);
        cell.forward(1, Float32Array.from(parameters), 0, input, 0, state, 0, tape, 0);
        expect(state.every(Number.isFinite)).toBe(true);
      }
    });
  });
}
