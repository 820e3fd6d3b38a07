import type { Floats } from '../add-product.ts';

/** A packed B of a product (emit/product.ts): panels of so many columns, `steps` rows each; the last panel in whole vectors. */
export interface PackedMatrix {
  /** Where it begins, in numbers. */
  readonly at: number;
  readonly columns: number;
  readonly panelColumns: number;
  readonly steps: number;
}

/** Where the rows `step` .. `step + depth` come from: number (k, n) lies at `at` + k `stepStride` + n `columnStride`. */
export interface PackedRows {
  readonly step: number;
  readonly depth: number;
  readonly at: number;
  readonly stepStride: number;
  readonly columnStride: number;
}

export function packedCount(columns: number, steps: number): number {
  return Math.ceil(columns / 4) * 4 * steps;
}

/** Copies rows of a matrix into a packed B. Columns that pad the last vector keep what they hold, which is 0. */
export function packRows(
  memory: Float32Array,
  { at, columns, panelColumns, steps }: PackedMatrix,
  from: Floats,
  rows: PackedRows,
): void {
  const { step, depth, stepStride, columnStride } = rows;
  for (let first = 0; first < columns; first += panelColumns) {
    const width = Math.min(panelColumns, columns - first);
    const stride = Math.ceil(width / 4) * 4;
    const panelAt = at + first * steps;
    for (let k = 0; k < depth; k++) {
      const to = panelAt + (step + k) * stride;
      const fromAt = rows.at + k * stepStride + first * columnStride;
      for (let n = 0; n < width; n++) memory[to + n] = from[fromAt + n * columnStride];
    }
  }
}
