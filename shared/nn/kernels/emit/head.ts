import {
  backwardShape,
  defineColumnSums,
  defineScale,
  forwardShape,
  gradientShape,
  rowsOf,
} from './dense-shapes.ts';
import { type FunctionBody, I32, LANE } from './function-body.ts';
import { defineGelu, defineGeluBackward } from './gelu.ts';
import { defineProduct } from './product.ts';
import { defineCountNotFinite, defineMultiply } from './rows.ts';
import type { WasmModule } from './wasm-module.ts';

/** Where the quantile head's parts lie; H hidden units, I inputs, M head units, O outputs. */
export interface HeadPlan {
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly headSize: number;
  readonly outputSize: number;
  /** Rows of one step at most. */
  readonly rows: number;
  /** steps x rows x I, and rows x 2H: both the cell's. */
  readonly input: number;
  readonly next: number;
  readonly hiddenFactors: number;
  readonly headFactors: number;
  /** rows x H: h after dropout. */
  readonly dropped: number;
  /** rows x M: before and after the activation. */
  readonly before: number;
  readonly after: number;
  readonly output: number;
  /** Packed: [b2; W2 of h; W2 of x], and [b1 + b3; W1 of h; W1 of x; W3]. */
  readonly hiddenWeights: number;
  readonly outputWeights: number;
  /** Packed for the way back: W3, and [W2; W1] of h. */
  readonly turnedHead: number;
  readonly turnedHidden: number;
  readonly dOutput: number;
  readonly dHead: number;
  /** steps x rows x H: the cell's. */
  readonly dHidden: number;
  /** Addresses of the three layers' gradients. */
  readonly direct: number;
  readonly hidden: number;
  readonly last: number;
}

/** Defines (rows, t) -> rows whose outputs are not finite: the head upon the next states (quantile-head.ts). */
export function defineHead(module: WasmModule, plan: HeadPlan): number {
  const { inputSize: I, hiddenSize: H, headSize: M, outputSize: O, rows } = plan;
  const drop = defineMultiply(module, H);
  const hidden = defineProduct(module, forwardShape(M, [rowsOf(H), rowsOf(I)]));
  const gelu = defineGelu(module);
  const output = defineProduct(module, forwardShape(O, [rowsOf(H), rowsOf(I), rowsOf(M)]));
  const count = defineCountNotFinite(module, O);
  return module.define({ params: [I32, I32], results: [I32] }, (f) => {
    const [x, left, to, from, factors] = [0, 0, 0, 0, 0].map(() => f.local());
    f.address(plan.input, 1, rows * I * LANE).set(x);
    f.get(0).set(left).i32(plan.dropped).set(to).i32(plan.next).set(from);
    f.i32(plan.hiddenFactors).set(factors);
    f.countDown(left, () => {
      f.get(to).get(from).get(factors).call(drop);
      f.advance(to, H * LANE)
        .advance(from, 2 * H * LANE)
        .advance(factors, H * LANE);
    });
    f.get(0).i32(0).i32(plan.before).i32(plan.hiddenWeights);
    f.i32(plan.dropped).get(x).call(hidden);
    f.get(0).i32(M).multiplyI32().i32(plan.before).i32(plan.headFactors);
    f.i32(plan.after).call(gelu);
    f.get(0).i32(0).i32(plan.output).i32(plan.outputWeights);
    f.i32(plan.dropped).get(x).i32(plan.after).call(output);
    f.get(0).i32(plan.output).call(count);
  });
}

/** Defines (rows, t): the head in reverse; leaves dL/dh of step t in `dHidden` and adds to the gradients. */
export function defineHeadBackward(module: WasmModule, plan: HeadPlan): number {
  const { inputSize: I, hiddenSize: H, headSize: M, outputSize: O, rows } = plan;
  const toHead = defineProduct(module, backwardShape(M, [rowsOf(O)]));
  const gelu = defineGeluBackward(module);
  const toHidden = defineProduct(module, backwardShape(H, [rowsOf(M), rowsOf(O)]));
  const scale = defineScale(module);
  const gradients = new HeadGradients(module, plan);
  return module.routine(2, (f) => {
    const [x, dHidden] = [f.local(), f.local()];
    f.address(plan.input, 1, rows * I * LANE).set(x);
    f.address(plan.dHidden, 1, rows * H * LANE).set(dHidden);
    gradients.ofLast(f);
    f.get(0).i32(0).i32(plan.dHead).i32(plan.turnedHead).i32(plan.dOutput).call(toHead);
    f.get(0).i32(M).multiplyI32().i32(plan.before).i32(plan.headFactors).i32(plan.dHead).call(gelu);
    gradients.ofHidden(f, x);
    gradients.ofDirect(f, x);
    f.get(0).i32(0).get(dHidden).i32(plan.turnedHidden);
    f.i32(plan.dHead).i32(plan.dOutput).call(toHidden);
    f.get(0).i32(H).multiplyI32().get(dHidden).get(dHidden).i32(plan.hiddenFactors).call(scale);
  });
}

/** Emits dL/dW and dL/db of the head's three layers; parameter 0 is the rows. */
class HeadGradients {
  private readonly plan: HeadPlan;
  private readonly outputSums: number;
  private readonly headSums: number;
  private readonly lastWeights: number;
  private readonly outputOfHidden: number;
  private readonly outputOfInput: number;
  private readonly headOfHidden: number;
  private readonly headOfInput: number;

  constructor(module: WasmModule, plan: HeadPlan) {
    const { inputSize: I, hiddenSize: H, headSize: M, outputSize: O } = plan;
    const joinedBytes = (H + I) * LANE;
    const weights = (inputs: number, outputs: number, rowBytes: number): number =>
      defineProduct(module, gradientShape(inputs, inputs * LANE, outputs * LANE, rowBytes));
    this.plan = plan;
    this.outputSums = defineColumnSums(module, O, O * LANE);
    this.headSums = defineColumnSums(module, M, M * LANE);
    this.lastWeights = weights(M, O, M * LANE);
    this.outputOfHidden = weights(H, O, joinedBytes);
    this.outputOfInput = weights(I, O, joinedBytes);
    this.headOfHidden = weights(H, M, joinedBytes);
    this.headOfInput = weights(I, M, joinedBytes);
  }

  ofLast(f: FunctionBody): void {
    const { outputSize: O, headSize: M, last, dOutput, after } = this.plan;
    f.i32(O).get(0).i32(last).i32(after).i32(dOutput).call(this.lastWeights);
    f.get(0)
      .i32(dOutput)
      .i32(last + O * M * LANE)
      .call(this.outputSums);
  }

  ofHidden(f: FunctionBody, x: number): void {
    const { inputSize: I, hiddenSize: H, headSize: M, hidden, dropped, dHead } = this.plan;
    f.i32(M).get(0).i32(hidden).i32(dropped).i32(dHead).call(this.headOfHidden);
    f.i32(M)
      .get(0)
      .i32(hidden + H * LANE);
    f.get(x).i32(dHead).call(this.headOfInput);
    f.get(0)
      .i32(dHead)
      .i32(hidden + M * (H + I) * LANE)
      .call(this.headSums);
  }

  ofDirect(f: FunctionBody, x: number): void {
    const { inputSize: I, hiddenSize: H, outputSize: O, direct, dropped, dOutput } = this.plan;
    f.i32(O).get(0).i32(direct).i32(dropped).i32(dOutput).call(this.outputOfHidden);
    f.i32(O)
      .get(0)
      .i32(direct + H * LANE);
    f.get(x).i32(dOutput).call(this.outputOfInput);
    f.get(0)
      .i32(dOutput)
      .i32(direct + O * (H + I) * LANE)
      .call(this.outputSums);
  }
}
