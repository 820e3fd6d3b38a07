import { describe, expect, test } from 'vitest';
import { Activations } from '#shared/nn/kernels/emit/activations.ts';
import { eachVector } from '#shared/nn/kernels/emit/dense-shapes.ts';
import { type FunctionBody, V128 } from '#shared/nn/kernels/emit/function-body.ts';
import { CONSTANT_BYTES, WasmModule } from '#shared/nn/kernels/emit/wasm-module.ts';
import { compile, instantiate } from '#shared/nn/kernels/web-assembly.ts';

const COUNT = 1_000_001;

/** A module that maps COUNT numbers in place. */
function mapped(
  isFused: boolean,
  emit: (activations: Activations, f: FunctionBody, x: number) => void,
) {
  const module = new WasmModule(isFused);
  const index = module.routine(2, (f) => {
    const activations = new Activations(module, f);
    const x = f.local(V128);
    eachVector(f, 0, [1], () => {
      f.get(1).load(0).set(x);
      emit(activations, f, x);
      f.set(x).store(1, x, 0);
    });
  });
  module.export('map', index);
  const instance = instantiate(compile(module.encode(CONSTANT_BYTES + 4 * COUNT + 64)));
  const values = new Float32Array(instance.memory, CONSTANT_BYTES, COUNT);
  return (from: number, to: number): { x: Float32Array; y: Float32Array } => {
    const x = Float32Array.from(
      { length: COUNT },
      (_, k) => from + ((to - from) * k) / (COUNT - 1),
    );
    values.set(x);
    instance.function('map')(COUNT, CONSTANT_BYTES);
    return { x, y: values.slice() };
  };
}

function largestError(
  { x, y }: { readonly x: Float32Array; readonly y: Float32Array },
  known: (x: number) => number,
): number {
  let largest = 0;
  for (let k = 0; k < COUNT; k++) {
    const error = Math.abs((y[k] as number) - known(x[k] as number));
    if (!(error <= largest)) largest = error;
  }
  return largest;
}

describe.each([
  ['two instructions', false],
  ['one relaxed instruction', true],
] as const)('with a product and its sum in %s', (_, isFused) => {
  const tanh = mapped(isFused, (activations, f, x) => {
    f.get(x);
    activations.tanh();
  });
  const sigmoid = mapped(isFused, (activations, f, x) => {
    f.get(x);
    activations.sigmoid();
  });

  test('tanh is within 4e-7 everywhere and never beyond 1', () => {
    const found = tanh(-20, 20);
    expect(largestError(found, Math.tanh)).toBeLessThan(4e-7);
    expect(found.y.every((y) => Math.abs(y) <= 1)).toBe(true);
  });

  test('near 0 tanh is within 4e-7 of its own size', () => {
    const { x, y } = tanh(-1e-3, 1e-3);
    let largest = 0;
    for (let k = 0; k < COUNT; k++) {
      if (x[k] === 0) continue;
      largest = Math.max(largest, Math.abs((y[k] as number) / Math.tanh(x[k] as number) - 1));
    }
    expect(largest).toBeLessThan(4e-7);
  });

  test('sigmoid is within 2.2e-7 everywhere and never outside [0, 1]', () => {
    const found = sigmoid(-40, 40);
    expect(largestError(found, (x) => 1 / (1 + Math.exp(-x)))).toBeLessThan(2.2e-7);
    expect(found.y.every((y) => y >= 0 && y <= 1)).toBe(true);
  });

  test('an infinite argument saturates and NaN stays NaN', () => {
    const module = new WasmModule(isFused);
    const index = module.routine(1, (f) => {
      const activations = new Activations(module, f);
      const [x] = f.vectors(1);
      f.get(0).load(0);
      activations.tanh();
      f.set(x).store(0, x, 0);
    });
    module.export('map', index);
    const instance = instantiate(compile(module.encode(CONSTANT_BYTES + 64)));
    const values = new Float32Array(instance.memory, CONSTANT_BYTES, 4);
    values.set([Infinity, -Infinity, Number.NaN, 0]);
    instance.function('map')(CONSTANT_BYTES);
    expect(values[0]).toBeGreaterThan(1 - 4e-7);
    expect(values[1]).toBeLessThan(-1 + 4e-7);
    expect(values[2]).toBeNaN();
    expect(values[3]).toBe(0);
  });

  test('gelu is within 2e-6 of its tanh form, and its slope within 2e-6', () => {
    const gate = (x: number): number =>
      1 / (1 + Math.exp(-2 * Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
    const forward = mapped(isFused, (activations, f, x) => {
      const [square] = f.vectors(1);
      activations.geluGate(x, square as number);
      f.get(x).mul();
    });
    expect(largestError(forward(-8, 8), (x) => x * gate(x))).toBeLessThan(2e-6);
    const slope = mapped(isFused, (activations, f, x) => {
      const [square] = f.vectors(1);
      f.get(x)
        .get(x)
        .mul()
        .set(square as number);
      activations.geluSlope(square as number);
    });
    const known = (x: number): number => 2 * Math.sqrt(2 / Math.PI) * (1 + 3 * 0.044715 * x * x);
    expect(largestError(slope(-3, 3), known)).toBeLessThan(2e-6);
  });
});
