/** Cells per doubling: a quantile between two cell edges is off by less than 1/8 of itself, and half of that on average. */
const CELLS_PER_DOUBLING = 8;
const SMALLEST_EXPONENT = -6;
const DOUBLINGS = 10;
const SIDE = CELLS_PER_DOUBLING * DOUBLINGS;
const CELLS = 2 * SIDE + 1;
/** The cell of all numbers nearer to zero than 1/64: a point mass there stays one. */
const ZERO = SIDE;

const NEXT_WEIGHT = CELLS;
const TOTAL = CELLS + 1;
/** Weights grow instead of all cells shrinking; beyond this they are brought back to 1. */
const LARGEST_WEIGHT = 1e100;

/** Float64 slots of one histogram. All zero is an empty one. */
export const HISTOGRAM_SLOTS = CELLS + 2;

const EDGES = Float64Array.from({ length: SIDE + 1 }, (_, k) => {
  const share = 1 + (k % CELLS_PER_DOUBLING) / CELLS_PER_DOUBLING;
  const exponent = SMALLEST_EXPONENT + Math.floor(k / CELLS_PER_DOUBLING);
  return exponent < 0 ? share / (1 << -exponent) : share * (1 << exponent);
});

const word = new Float64Array(1);
const halves = new Uint32Array(word.buffer);
const HIGH = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 1 : 0;
/** Of the upper half of a float64: exponent and first three bits of the fraction, which number the cells in order. */
const FRACTION_BITS_LEFT_OUT = 17;
const FIRST_CELL = (1023 + SMALLEST_EXPONENT) * CELLS_PER_DOUBLING;

/**
 * Takes a number in (about 1 is usual; beyond 16 counts as 16). Numbers taken before lose weight by `growth`: 2^(1/L) for a
 * half-life of L numbers. O(1).
 */
export function addToHistogram(
  state: Float64Array,
  at: number,
  value: number,
  growth: number,
): void {
  const weight = state[at + NEXT_WEIGHT] === 0 ? 1 : state[at + NEXT_WEIGHT];
  state[at + cellOf(value)] += weight;
  state[at + TOTAL] += weight;
  const next = weight * growth;
  state[at + NEXT_WEIGHT] = next;
  if (next <= LARGEST_WEIGHT) return;
  for (let k = 0; k < CELLS; k += 1) state[at + k] /= next;
  state[at + TOTAL] /= next;
  state[at + NEXT_WEIGHT] = 1;
}

/**
 * Writes one quantile per level, rising, linear within a cell; one pass over the cells.
 *
 * @param levels rising
 * @returns false for an empty histogram: nothing is written
 */
export function histogramQuantiles(
  state: Float64Array,
  at: number,
  levels: readonly number[],
  into: Float64Array,
  intoAt: number,
): boolean {
  const total = state[at + TOTAL];
  if (total === 0) return false;
  let cell = 0;
  let below = 0;
  for (let l = 0; l < levels.length; l += 1) {
    const goal = levels[l] * total;
    while (cell < CELLS - 1 && below + state[at + cell] < goal) {
      below += state[at + cell];
      cell += 1;
    }
    const inside = state[at + cell];
    // Rounding may leave the last cells empty with the goal not reached.
    const share = inside > 0 ? Math.min(1, (goal - below) / inside) : 0;
    into[intoAt + l] = valueIn(cell, share);
  }
  return true;
}

function cellOf(value: number): number {
  word[0] = value;
  const first = ((halves[HIGH] & 0x7fffffff) >>> FRACTION_BITS_LEFT_OUT) - FIRST_CELL;
  if (first < 0) return ZERO;
  const cell = Math.min(first, SIDE - 1) + 1;
  return value > 0 ? ZERO + cell : ZERO - cell;
}

function valueIn(cell: number, share: number): number {
  if (cell === ZERO) return 0;
  const side = Math.abs(cell - ZERO) - 1;
  const width = EDGES[side + 1] - EDGES[side];
  return cell > ZERO ? EDGES[side] + share * width : -(EDGES[side + 1] - share * width);
}
