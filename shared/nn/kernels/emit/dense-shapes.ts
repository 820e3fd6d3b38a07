import { type FunctionBody, LANE, VECTOR } from './function-body.ts';
import type { ProductShape, Stretch } from './product.ts';
import type { WasmModule } from './wasm-module.ts';

/** Columns of a panel of a forward B (one row meets all of them at once) and of a backward B (a tile's two vectors). */
export const FORWARD_PANEL = 32;
export const BACKWARD_PANEL = 8;

/** y = b + W x: B is packed in panels of 32 outputs, the bias first, then a row for every input. */
export function forwardShape(
  outputs: number,
  stretches: readonly Stretch[],
  cRowBytes = outputs * LANE,
): ProductShape {
  const steps = 1 + depthOf(stretches);
  return {
    columns: outputs,
    panelVectors: FORWARD_PANEL / 4,
    bPanelBytes: FORWARD_PANEL * steps * LANE,
    bStepBytes: 'packed',
    cRowBytes,
    cPanelBytes: FORWARD_PANEL * LANE,
    initial: 'bias',
    stretches,
  };
}

/** dL/dx = W' dL/dy, overwritten: B is packed in panels of 8 inputs, a row for every output. */
export function backwardShape(
  inputs: number,
  stretches: readonly Stretch[],
  cRowBytes = inputs * LANE,
): ProductShape {
  return {
    columns: inputs,
    panelVectors: BACKWARD_PANEL / 4,
    bPanelBytes: BACKWARD_PANEL * depthOf(stretches) * LANE,
    bStepBytes: 'packed',
    cRowBytes,
    cPanelBytes: BACKWARD_PANEL * LANE,
    initial: 'zero',
    stretches,
  };
}

/**
 * dL/dW += dL/dy x', over all rows: k runs over the rows, A is dL/dy by columns, B is x as it lies.
 *
 * @param inputBytes    from one row of x to the next
 * @param outputBytes   from one row of dL/dy to the next
 * @param gradientBytes from one row of dL/dW to the next
 */
export function gradientShape(
  inputs: number,
  inputBytes: number,
  outputBytes: number,
  gradientBytes: number,
): ProductShape {
  return {
    columns: inputs,
    panelVectors: BACKWARD_PANEL / 4,
    bPanelBytes: BACKWARD_PANEL * LANE,
    bStepBytes: inputBytes,
    cRowBytes: gradientBytes,
    cPanelBytes: BACKWARD_PANEL * LANE,
    initial: 'sum',
    stretches: [{ rowBytes: LANE, stepBytes: outputBytes, depth: null }],
  };
}

/** Rows of x, one number a step. */
export function rowsOf(size: number, rowBytes = size * LANE): Stretch {
  return { rowBytes, stepBytes: LANE, depth: size };
}

/** Defines (rows, a, c): c(n) += the sum over the rows of a(m, n), in rising m. Leaves `rows` as it was. */
export function defineColumnSums(module: WasmModule, columns: number, rowBytes: number): number {
  return module.routine(3, (f) => {
    const [left, row] = [f.local(), f.local()];
    for (let n = 0; n < columns; n += 4) {
      const [sum] = f.vectors(1);
      const at = n * LANE;
      f.get(2).load(at).set(sum).get(0).set(left).get(1).set(row);
      f.countDown(left, () => {
        f.get(sum).get(row).load(at).add().set(sum).advance(row, rowBytes);
      });
      f.store(2, sum, at, n + 4 > columns ? columns - n : 0);
    }
  });
}

/** Defines (count, to, from, factors): to = from * factors, number by number; runs on to the end of the last vector. */
export function defineScale(module: WasmModule): number {
  return module.routine(4, (f) => {
    const [value] = f.vectors(1);
    eachVector(f, 0, [1, 2, 3], () => {
      f.get(2).load(0).get(3).load(0).mul().set(value).store(1, value, 0);
    });
  });
}

/** Runs the body for every four of the `count` numbers, `count` above 0; each address goes on by a vector after it. */
export function eachVector(
  f: FunctionBody,
  count: number,
  addresses: readonly number[],
  body: () => void,
): void {
  const left = f.local();
  // (count + 3) / 4 by a shift: i32.shr_u.
  f.get(count).i32(3).addI32().i32(2).put(0x76).set(left);
  f.countDown(left, () => {
    body();
    for (const address of addresses) f.advance(address, VECTOR);
  });
}

function depthOf(stretches: readonly Stretch[]): number {
  return stretches.reduce((sum, { depth, repeat }) => sum + (depth ?? 0) * (repeat?.count ?? 1), 0);
}
