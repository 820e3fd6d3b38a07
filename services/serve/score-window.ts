import type { HorizonScore } from '#shared/forecast/score.ts';

export const PIT_CELLS = 20;
/** Sums of CRPS: of the forecast, of EWMA-Gaussian, of the last value. */
const LOSSES = 3;
/** Origins, those inside the central 50, 80 and 95 % interval, and the cells of the PIT: float32 holds all of them exactly. */
const COUNTS = 4 + PIT_CELLS;
/** Rows by which it grows. */
const MORE_ROWS = 8;

export type ScoreSums = Pick<
  HorizonScore,
  'count' | 'crps' | 'crpsEwmaGaussian' | 'crpsLastValue' | 'inside' | 'pit'
>;

/**
 * The newest score records of one symbol at one horizon, a row each. In numbers, not in objects: of ten thousand symbols there
 * would be millions for the garbage collector to walk over.
 */
export class ScoreWindow {
  #losses = new Float64Array(LOSSES * MORE_ROWS);
  #counts = new Float32Array(COUNTS * MORE_ROWS);
  #rows = 0;

  /** @param rows that it has, empty: records of before that knew nothing of this horizon */
  constructor(rows: number) {
    while (this.#rows < rows) this.push(null);
  }

  push(score: HorizonScore | null): void {
    if (this.#rows * LOSSES === this.#losses.length) this.#grow();
    const [losses, counts] = [this.#rows * LOSSES, this.#rows * COUNTS];
    this.#losses.fill(0, losses, losses + LOSSES);
    this.#counts.fill(0, counts, counts + COUNTS);
    this.#rows += 1;
    if (score === null) return;
    this.#losses.set([score.crps, score.crpsEwmaGaussian, score.crpsLastValue], losses);
    this.#counts.set([score.count, ...score.inside, ...score.pit.slice(0, PIT_CELLS)], counts);
  }

  /** Forgets so many of the oldest. */
  drop(rows: number): void {
    this.#losses.copyWithin(0, rows * LOSSES, this.#rows * LOSSES);
    this.#counts.copyWithin(0, rows * COUNTS, this.#rows * COUNTS);
    this.#rows -= rows;
  }

  sums(): ScoreSums {
    const [crps, crpsEwmaGaussian, crpsLastValue] = totals(this.#losses, LOSSES, this.#rows);
    const [count, half, most, nearlyAll, ...pit] = totals(this.#counts, COUNTS, this.#rows);
    const inside = [half, most, nearlyAll] as const;
    return { count, crps, crpsEwmaGaussian, crpsLastValue, inside, pit };
  }

  #grow(): void {
    const [losses, counts] = [this.#losses, this.#counts];
    this.#losses = new Float64Array(losses.length + LOSSES * MORE_ROWS);
    this.#counts = new Float32Array(counts.length + COUNTS * MORE_ROWS);
    this.#losses.set(losses);
    this.#counts.set(counts);
  }
}

/** Of each column. */
function totals(table: ArrayLike<number>, columns: number, rows: number): number[] {
  const sums = new Array<number>(columns).fill(0);
  for (let at = 0; at < rows * columns; at += 1) sums[at % columns] += table[at];
  return sums;
}
