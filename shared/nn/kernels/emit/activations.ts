import { type FunctionBody, V128 } from './function-body.ts';
import type { WasmModule } from './wasm-module.ts';

/**
 * tanh as a rational function of degree 13 over 6 in float32, odd over even: the coefficients of Eigen 3.4 (`ptanh_float`,
 * Eigen/src/Core/MathFunctionsImpl.h). Beyond the bound the result is that at the bound, which rounds to 1.
 * Measured errors: test/unit/shared/nn/kernels/activations.test.ts.
 */
export const TANH_BOUND = 7.905311107635498;
export const TANH_ODD = [
  4.89352455891786e-3, 6.37261928875436e-4, 1.48572235717979e-5, 5.12229709037114e-8,
  -8.60467152213735e-11, 2.00018790482477e-13, -2.76076847742355e-16,
] as const;
export const TANH_EVEN = [
  4.89352518554385e-3, 2.268434632439e-3, 1.18534705686654e-4, 1.19825839466702e-6,
] as const;

/** sqrt(2 / pi) and the cubic term of the tanh form of GELU (Hendrycks & Gimpel 2016). */
const GELU_SLOPE = 0.7978845608028654;
const GELU_CUBIC = 0.044715;

/** Emits activations of four float32 at once: multiplications, additions and one division, the same for every lane. */
export class Activations {
  private readonly f: FunctionBody;
  private readonly module: WasmModule;
  private readonly x: number;
  private readonly square: number;

  constructor(module: WasmModule, f: FunctionBody) {
    this.module = module;
    this.f = f;
    this.x = f.local(V128);
    this.square = f.local(V128);
  }

  /** Puts a constant in all lanes. */
  constant(value: number): FunctionBody {
    return this.f.i32(0).loadSplat(this.module.constant(value));
  }

  /** Takes x off the stack and puts tanh(x); NaN stays NaN. */
  tanh(): void {
    const { f, x, square } = this;
    this.constant(TANH_BOUND);
    f.pseudoMin();
    this.constant(-TANH_BOUND);
    f.pseudoMax().tee(x).get(x).mul().set(square);
    this.polynomial(TANH_ODD);
    f.get(x).mul();
    this.polynomial(TANH_EVEN);
    f.div();
  }

  /** sigmoid(x) = 1/2 + 1/2 tanh(x / 2). */
  sigmoid(): void {
    this.constant(0.5).mul();
    this.tanh();
    this.timesPlus(0.5, 0.5);
  }

  /** For gelu of the local `v`: puts sigmoid(2u), u = sqrt(2/pi) (v + .044715 v^3); `vSquare` is left holding v^2. */
  geluGate(v: number, vSquare: number): void {
    const { f } = this;
    f.get(v).get(v).mul().tee(vSquare);
    this.constant(GELU_CUBIC).mul();
    f.timesPlus(
      () => f.get(v),
      () => f.get(v),
    );
    this.constant(2 * GELU_SLOPE).mul();
    this.sigmoid();
  }

  /** d(2u)/dv from v^2. */
  geluSlope(vSquare: number): void {
    const { f } = this;
    f.get(vSquare);
    this.timesPlus(3 * GELU_CUBIC, 1);
    this.constant(2 * GELU_SLOPE).mul();
  }

  /** Horner's rule in x^2. */
  private polynomial(coefficients: readonly number[]): void {
    const { f, square } = this;
    const last = coefficients.length - 1;
    this.constant(coefficients[last]);
    for (let k = last - 1; k >= 0; k--) {
      f.timesPlus(
        () => f.get(square),
        () => this.constant(coefficients[k]),
      );
    }
  }

  private timesPlus(factor: number, term: number): void {
    this.f.timesPlus(
      () => this.constant(factor),
      () => this.constant(term),
    );
  }
}
