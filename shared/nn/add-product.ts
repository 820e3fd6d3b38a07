/** Storage of the network's numbers: float32 at work, float64 where gradients are checked by central differences. */
export type Floats = Float32Array | Float64Array;

/**
 * C += A B, the one inner loop of the network: forward, gradient of the input and gradient of the weights differ in strides only.
 * M = rows, N = columns, K = depth. Every element of C is summed in float64 from its old value in rising k and stored once, so a
 * result does not depend on how many rows are taken together: one symbol's step and a batch's row have the same bits.
 *
 * @param aAt  where A(0, 0) sits; A(m, k) is `aRow` m + `aStep` k behind it
 * @param bAt  where B(0, 0) sits; B(k, n) is `bStep` k + `bColumn` n behind it
 * @param cAt  where C(0, 0) sits; C(m, n) is `cRow` m + n behind it
 */
export function addProduct(
  rows: number,
  columns: number,
  depth: number,
  a: Floats,
  aAt: number,
  aRow: number,
  aStep: number,
  b: Floats,
  bAt: number,
  bStep: number,
  bColumn: number,
  c: Floats,
  cAt: number,
  cRow: number,
): void {
  // Two rows by four columns: eight sums fill the registers and hide the latency of an addition.
  const paired = rows - (rows % 2);
  const wide = columns - (columns % 4);
  for (let m = 0; m < paired; m += 2) {
    const aM = aAt + m * aRow;
    const cM = cAt + m * cRow;
    for (let n = 0; n < wide; n += 4) {
      const c0 = cM + n;
      const c1 = c0 + cRow;
      let s00 = c[c0];
      let s01 = c[c0 + 1];
      let s02 = c[c0 + 2];
      let s03 = c[c0 + 3];
      let s10 = c[c1];
      let s11 = c[c1 + 1];
      let s12 = c[c1 + 2];
      let s13 = c[c1 + 3];
      let ia = aM;
      let ib = bAt + n * bColumn;
      for (let k = 0; k < depth; k++) {
        const x0 = a[ia];
        const x1 = a[ia + aRow];
        const y0 = b[ib];
        const y1 = b[ib + bColumn];
        const y2 = b[ib + 2 * bColumn];
        const y3 = b[ib + 3 * bColumn];
        s00 += x0 * y0;
        s01 += x0 * y1;
        s02 += x0 * y2;
        s03 += x0 * y3;
        s10 += x1 * y0;
        s11 += x1 * y1;
        s12 += x1 * y2;
        s13 += x1 * y3;
        ia += aStep;
        ib += bStep;
      }
      c[c0] = s00;
      c[c0 + 1] = s01;
      c[c0 + 2] = s02;
      c[c0 + 3] = s03;
      c[c1] = s10;
      c[c1 + 1] = s11;
      c[c1 + 2] = s12;
      c[c1 + 3] = s13;
    }
    for (let n = wide; n < columns; n++) {
      const c0 = cM + n;
      let s0 = c[c0];
      let s1 = c[c0 + cRow];
      let ia = aM;
      let ib = bAt + n * bColumn;
      for (let k = 0; k < depth; k++) {
        s0 += a[ia] * b[ib];
        s1 += a[ia + aRow] * b[ib];
        ia += aStep;
        ib += bStep;
      }
      c[c0] = s0;
      c[c0 + cRow] = s1;
    }
  }
  if (paired < rows) {
    addLastRow(
      columns,
      depth,
      a,
      aAt + paired * aRow,
      aStep,
      b,
      bAt,
      bStep,
      bColumn,
      c,
      cAt + paired * cRow,
    );
  }
}

/** The same for one row: every inference step, and the odd row of a batch. */
function addLastRow(
  columns: number,
  depth: number,
  a: Floats,
  aAt: number,
  aStep: number,
  b: Floats,
  bAt: number,
  bStep: number,
  bColumn: number,
  c: Floats,
  cAt: number,
): void {
  const wide = columns - (columns % 4);
  for (let n = 0; n < wide; n += 4) {
    const c0 = cAt + n;
    let s0 = c[c0];
    let s1 = c[c0 + 1];
    let s2 = c[c0 + 2];
    let s3 = c[c0 + 3];
    let ia = aAt;
    let ib = bAt + n * bColumn;
    for (let k = 0; k < depth; k++) {
      const x = a[ia];
      s0 += x * b[ib];
      s1 += x * b[ib + bColumn];
      s2 += x * b[ib + 2 * bColumn];
      s3 += x * b[ib + 3 * bColumn];
      ia += aStep;
      ib += bStep;
    }
    c[c0] = s0;
    c[c0 + 1] = s1;
    c[c0 + 2] = s2;
    c[c0 + 3] = s3;
  }
  for (let n = wide; n < columns; n++) {
    let s = c[cAt + n];
    let ia = aAt;
    let ib = bAt + n * bColumn;
    for (let k = 0; k < depth; k++) {
      s += a[ia] * b[ib];
      ia += aStep;
      ib += bStep;
    }
    c[cAt + n] = s;
  }
}
