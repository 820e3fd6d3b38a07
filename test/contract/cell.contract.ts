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

    test('a row has the same bits alone and among others, forward and backward', () => {
      const { parameters, input, state, weights } = example();
      const [p, x] = [Float32Array.from(parameters), Float32Array.from(input)];
      const run = (rows: number, from: number) => {
        const next = Float32Array.from(state).slice(from * S, (from + rows) * S);
        const dState = Float32Array.from(weights).slice(from * S, (from + rows) * S);
        const dInput = new Float32Array(rows * I);
        const tape = new Float32Array(rows * cell.tapeSize);
        cell.forward(rows, p, 0, x, from * I, next, 0, tape, 0);
        cell.backward(rows, p, 0, tape, 0, dState, new Float32Array(p.length), dInput);
        return { next, dState, dInput };
      };
      const together = run(B, 0);
      for (let b = 0; b < B; b++) {
        const alone = run(1, b);
        expect(alone.next).toEqual(together.next.slice(b * S, b * S + S));
        expect(alone.dState).toEqual(together.dState.slice(b * S, b * S + S));
        expect(alone.dInput).toEqual(together.dInput.slice(b * I, b * I + I));
      }
    });

    test('in the middle of larger arrays it reads and writes its own places only', () => {
      const { parameters, input, state, weights } = example();
      const [guard, before, behind] = [7, 3, 5];
      const within = (values: Float64Array): Float64Array => {
        const larger = new Float64Array(before + values.length + behind).fill(guard);
        larger.set(values, before);
        return larger;
      };
      const empty = (length: number): Float64Array => new Float64Array(length);
      const run = (at: number, place: (values: Float64Array) => Float64Array) => {
        const [p, x, next] = [place(parameters), place(input), place(state)];
        const [tape, dState] = [place(empty(B * cell.tapeSize)), place(weights)];
        const [gradients, dInput] = [place(empty(parameters.length)), place(empty(input.length))];
        cell.forward(B, p, at, x, at, next, at, tape, at);
        cell.backward(B, p, at, tape, at, dState, gradients, dInput, at, at);
        return [p, x, next, tape, dState, gradients, dInput];
      };
      const expected = run(0, (values) => values.slice()).map(within);
      expect(run(before, within)).toEqual(expected);
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
