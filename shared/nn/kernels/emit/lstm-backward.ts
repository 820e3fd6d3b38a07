import { Activations } from './activations.ts';
import { backwardShape, defineColumnSums, gradientShape } from './dense-shapes.ts';
import { type FunctionBody, LANE } from './function-body.ts';
import {
  eachGroup,
  GATE_BYTES,
  type LstmPlan,
  PANEL_BYTES,
  PANEL_UNITS,
  sizesOf,
} from './lstm-plan.ts';
import { defineProduct } from './product.ts';
import type { WasmModule } from './wasm-module.ts';

/**
 * Defines (rows, t): the step in reverse. dL/d(gate before activation) takes the places of the activated gates; gradients are added
 * to, `dState` becomes dL/d(state).
 */
export function defineRecurrenceBackward(module: WasmModule, plan: LstmPlan): number {
  const { rows, inputSize } = plan;
  const { H, hiddenBytes, stateBytes, panelStride, panels } = sizesOf(plan);
  const inputBytes = inputSize * LANE;
  const gates = defineGatesBackward(module, plan);
  const gradient = defineGradients(module, plan);
  const fromGates = {
    rowBytes: PANEL_BYTES,
    stepBytes: LANE,
    depth: 4 * PANEL_UNITS,
    repeat: { count: panels, bytes: panelStride },
  };
  const toHidden = defineProduct(module, backwardShape(H, [fromGates], stateBytes));
  const toInput = defineProduct(module, backwardShape(inputSize, [fromGates]));
  return module.routine(2, (f) => {
    const [z, c, s, d, x] = [f.local(), f.local(), f.local(), f.local(), f.local()];
    f.address(plan.gates, 1, panels * panelStride).set(z);
    f.address(plan.cell, 1, rows * hiddenBytes).set(c);
    f.address(plan.squashed, 1, rows * hiddenBytes).set(s);
    f.address(plan.dHidden, 1, rows * hiddenBytes).set(d);
    f.address(plan.input, 1, rows * inputBytes).set(x);
    f.get(0).get(z).get(c).get(s).get(d).i32(plan.dState).call(gates);
    f.get(0)
      .get(z)
      .get(x)
      .address(plan.hidden, 1, rows * hiddenBytes)
      .call(gradient);
    f.get(0).i32(0).i32(plan.dState).i32(plan.turned).get(z).call(toHidden);
    if (!plan.withInput) return;
    f.get(0)
      .i32(0)
      .address(plan.dInput, 1, rows * inputBytes);
    f.i32(plan.turnedInput).get(z).call(toInput);
  });
}

/** Defines (rows, gates, c, squashed, dHidden, dState): see `backward` in cells/lstm.ts, line by line. */
function defineGatesBackward(module: WasmModule, plan: LstmPlan): number {
  const { hiddenBytes, stateBytes } = sizesOf(plan);
  return module.routine(6, (f) => {
    const activations = new Activations(module, f);
    const oneMinus = (local: number, power: 1 | 2): FunctionBody => {
      activations.constant(1).get(local);
      return (power === 2 ? f.get(local).mul() : f).sub();
    };
    const moves = [PANEL_BYTES, hiddenBytes, hiddenBytes, hiddenBytes, stateBytes];
    eachGroup(f, plan, moves, ([z, c, s, d, dState], at, lanes) => {
      const [i, forget, g, o, squashed, dHidden, dNext, value] = f.vectors(8);
      for (const [gate, local] of [i, forget, g, o].entries()) {
        f.get(z)
          .load(gate * GATE_BYTES + at)
          .set(local);
      }
      f.get(s).load(at).set(squashed);
      f.get(dState).load(at).get(d).load(at).add().set(dHidden);
      f.plusProduct(
        () => f.get(dState).load(hiddenBytes + at),
        () => f.get(dHidden).get(o).mul(),
        () => oneMinus(squashed, 2),
      ).set(dNext);
      f.get(dNext).get(g).mul().get(i).mul();
      oneMinus(i, 1).mul().set(value).store(z, value, at);
      f.get(dNext).get(c).load(at).mul().get(forget).mul();
      oneMinus(forget, 1)
        .mul()
        .set(value)
        .store(z, value, GATE_BYTES + at);
      f.get(dNext).get(i).mul();
      oneMinus(g, 2)
        .mul()
        .set(value)
        .store(z, value, 2 * GATE_BYTES + at);
      f.get(dHidden).get(squashed).mul().get(o).mul();
      oneMinus(o, 1)
        .mul()
        .set(value)
        .store(z, value, 3 * GATE_BYTES + at);
      f.get(dNext)
        .get(forget)
        .mul()
        .set(value)
        .store(dState, value, hiddenBytes + at, lanes);
    });
  });
}

/** Defines (rows, gates, x, h): dL/dW and dL/db, gate by gate, as the parameters lie. */
function defineGradients(module: WasmModule, plan: LstmPlan): number {
  const { H, Z, panelStride, hiddenBytes } = sizesOf(plan);
  const { inputSize, gradients } = plan;
  const zBytes = Z * LANE;
  const shape = (size: number) => gradientShape(size, size * LANE, PANEL_BYTES, zBytes);
  const ofInput = defineProduct(module, shape(inputSize));
  const ofHidden = defineProduct(module, shape(H));
  const fullSums = defineColumnSums(module, PANEL_UNITS, PANEL_BYTES);
  const lastSums = defineColumnSums(module, H % PANEL_UNITS, PANEL_BYTES);
  const biasAt = gradients + 4 * H * zBytes;
  return module.routine(4, (f) => {
    const [left, weights, bias] = [f.local(), f.local(), f.local()];
    f.i32(gradients).set(weights).i32(biasAt).set(bias);
    const panel = (units: number, sums: number): void => {
      for (let gate = 0; gate < 4; gate++) {
        const a = gate * GATE_BYTES;
        const into = (offset: number): FunctionBody =>
          f
            .i32(units)
            .get(0)
            .get(weights)
            .i32(gate * H * zBytes + offset)
            .addI32();
        into(0).get(2).get(1).i32(a).addI32().call(ofInput);
        into(inputSize * LANE)
          .get(3)
          .get(1)
          .i32(a)
          .addI32()
          .call(ofHidden);
        f.get(0).get(1).i32(a).addI32();
        f.get(bias)
          .i32(gate * hiddenBytes)
          .addI32()
          .call(sums);
      }
    };
    if (H >= PANEL_UNITS) {
      f.i32(Math.floor(H / PANEL_UNITS)).set(left);
      f.countDown(left, () => {
        panel(PANEL_UNITS, fullSums);
        f.advance(1, panelStride).advance(weights, PANEL_UNITS * zBytes);
        f.advance(bias, GATE_BYTES);
      });
    }
    if (H % PANEL_UNITS > 0) panel(H % PANEL_UNITS, lastSums);
  });
}
