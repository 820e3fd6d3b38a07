import { type FunctionBody, VECTOR } from './function-body.ts';
import type { WasmModule } from './wasm-module.ts';

/** A stretch of the sum over k: A(m, k) is `rowBytes` m + `stepBytes` k behind the stretch's start. */
export interface Stretch {
  readonly rowBytes: number;
  readonly stepBytes: number;
  /** Steps; null: as many as the function is told. */
  readonly depth: number | null;
  /** The stretch as a whole comes `count` times, each `bytes` behind the last. */
  readonly repeat?: { readonly count: number; readonly bytes: number };
}

/** C(m, n) = initial + the sum over all stretches of A(m, k) B(k, n). N columns in panels; all strides in bytes. */
export interface ProductShape {
  /** N; rows of C hold no more, so that the last vector is stored in part. */
  readonly columns: number;
  /** Vectors of a panel: one row of A meets all of them at once, four rows meet two and two. */
  readonly panelVectors: number;
  /** From panel to panel of B, and from step to step within one; 'packed' panels are as wide as what is left of N. */
  readonly bPanelBytes: number;
  readonly bStepBytes: number | 'packed';
  readonly cRowBytes: number;
  readonly cPanelBytes: number;
  /** `bias`: B's first step is the bias; `sum`: what C holds. */
  readonly initial: 'bias' | 'zero' | 'sum';
  readonly stretches: readonly Stretch[];
}

const TALL = 4;
const TALL_VECTORS = 2;

/**
 * Defines (rows, depth, c, b, a of each stretch). Every element of C is its initial value plus the products in the order of the
 * stretches and of rising k, one multiplication and one addition each, whatever tile it falls into: so a row has the same bits
 * alone and among others. Tiles: 4 rows x 2 vectors, 1 row x the panel (docs/kernels.md).
 */
export function defineProduct(module: WasmModule, shape: ProductShape): number {
  const { columns, panelVectors } = shape;
  return module.routine(4 + shape.stretches.length, (f) => {
    const product = new Product(f, shape);
    const panelColumns = panelVectors * 4;
    const panels = Math.floor(columns / panelColumns);
    const rest = columns % panelColumns;
    if (panels > 0) {
      const left = f.local();
      f.i32(panels).set(left);
      f.countDown(left, () => {
        product.panel(panelVectors, 0);
        f.advance(product.c, shape.cPanelBytes).advance(product.b, shape.bPanelBytes);
      });
    }
    if (rest > 0) product.panel(Math.ceil(rest / 4), rest % 4);
  });
}

interface Tile {
  readonly height: number;
  readonly vectors: number;
  /** Lanes of the last vector that are stored; 0 for all. */
  readonly lanes: number;
  /** Bytes of the tile's first column behind the panel's. */
  readonly offset: number;
  readonly bStepBytes: number;
}

class Product {
  readonly c = 2;
  readonly b = 3;
  private readonly f: FunctionBody;
  private readonly shape: ProductShape;
  private readonly rowC: number;
  private readonly rowA: readonly number[];
  private readonly stepA: number;
  private readonly stepB: number;
  private readonly rowsLeft: number;
  private readonly stepsLeft: number;
  private readonly repeatsLeft: number;

  constructor(f: FunctionBody, shape: ProductShape) {
    this.f = f;
    this.shape = shape;
    this.rowC = f.local();
    this.rowA = shape.stretches.map(() => f.local());
    this.stepA = f.local();
    this.stepB = f.local();
    this.rowsLeft = f.local();
    this.stepsLeft = f.local();
    this.repeatsLeft = f.local();
  }

  /** All rows of one panel: while its B is near, every row meets it. */
  panel(vectors: number, lanes: number): void {
    const { f, rowA, rowC, rowsLeft } = this;
    const { bStepBytes: step } = this.shape;
    const bStepBytes = step === 'packed' ? vectors * VECTOR : step;
    f.get(0).set(rowsLeft).get(this.c).set(rowC);
    for (const [k, row] of rowA.entries()) f.get(4 + k).set(row);
    f.whileAtLeast(rowsLeft, TALL, () => {
      for (let v = 0; v < vectors; v += TALL_VECTORS) {
        const isLast = v + TALL_VECTORS >= vectors;
        const width = Math.min(TALL_VECTORS, vectors - v);
        const offset = v * VECTOR;
        this.tile({ height: TALL, vectors: width, lanes: isLast ? lanes : 0, offset, bStepBytes });
      }
      this.nextRows(TALL);
    });
    f.get(rowsLeft).ifNotZero(() => {
      f.countDown(rowsLeft, () => {
        this.tile({ height: 1, vectors, lanes, offset: 0, bStepBytes });
        this.nextRows(1);
      });
    });
  }

  private nextRows(count: number): void {
    const { f, rowA, rowC, shape } = this;
    for (const [k, row] of rowA.entries()) f.advance(row, count * shape.stretches[k].rowBytes);
    f.advance(rowC, count * shape.cRowBytes);
  }

  private tile(tile: Tile): void {
    const { height, vectors, lanes, offset } = tile;
    const { f, rowC, shape } = this;
    f.get(this.b).set(this.stepB);
    this.begin(tile);
    for (const [k, stretch] of shape.stretches.entries()) this.addStretch(tile, stretch, k);
    const sums = f.vectors(height * vectors);
    for (let r = 0; r < height; r++) {
      for (let v = 0; v < vectors; v++) {
        const at = r * shape.cRowBytes + offset + v * VECTOR;
        f.store(rowC, sums[r * vectors + v], at, v === vectors - 1 ? lanes : 0);
      }
    }
  }

  private begin({ height, vectors, offset, bStepBytes }: Tile): void {
    const { f, shape } = this;
    const sums = f.vectors(height * vectors);
    for (let r = 0; r < height; r++) {
      for (let v = 0; v < vectors; v++) {
        this.initial(offset + v * VECTOR, r);
        f.set(sums[r * vectors + v]);
      }
    }
    if (shape.initial === 'bias') f.advance(this.stepB, bStepBytes);
  }

  /** Puts what the sum begins with; four rows load the same bias, which is cheaper than to keep it. */
  private initial(at: number, row: number): void {
    const { f, shape } = this;
    if (shape.initial === 'zero') f.zeros();
    else if (shape.initial === 'sum') f.get(this.rowC).load(at + row * shape.cRowBytes);
    else f.get(this.stepB).load(at);
  }

  private addStretch(tile: Tile, { depth, repeat, ...strides }: Stretch, index: number): void {
    const { f, stepA, stepsLeft, repeatsLeft } = this;
    const run = (): void => {
      if (depth === null) f.get(1);
      else f.i32(depth);
      f.set(stepsLeft).countDown(stepsLeft, () => this.addStep(tile, strides));
    };
    f.get(this.rowA[index]).set(stepA);
    if (repeat === undefined) {
      run();
      return;
    }
    f.i32(repeat.count).set(repeatsLeft);
    f.countDown(repeatsLeft, () => {
      run();
      f.advance(stepA, repeat.bytes - (depth ?? 0) * strides.stepBytes);
    });
  }

  /** One k: loads a row of B once for all rows of the tile. */
  private addStep(
    { height, vectors, offset, bStepBytes }: Tile,
    { rowBytes, stepBytes }: Pick<Stretch, 'rowBytes' | 'stepBytes'>,
  ): void {
    const { f, stepA, stepB } = this;
    const sums = f.vectors(height * vectors + height + 1);
    const factors = height * vectors;
    const weight = sums[factors + height];
    for (let r = 0; r < height; r++) {
      f.get(stepA)
        .loadSplat(r * rowBytes)
        .set(sums[factors + r]);
    }
    for (let v = 0; v < vectors; v++) {
      f.get(stepB)
        .load(offset + v * VECTOR)
        .set(weight);
      for (let r = 0; r < height; r++) {
        const sum = sums[r * vectors + v];
        f.plusProduct(
          () => f.get(sum),
          () => f.get(sums[factors + r]),
          () => f.get(weight),
        ).set(sum);
      }
    }
    f.advance(stepA, stepBytes).advance(stepB, bStepBytes);
  }
}
