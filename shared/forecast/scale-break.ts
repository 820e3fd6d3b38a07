/** A move below this share of the scale is calm, one above the other is wild. */
const CALM = 1 / 8;
const WILD = 4;
/** Beyond this share of the scale before the first wild one, events stay wild: a scale without bound has followed them soon. */
const WILD_AS_OF_BEFORE = 32;
/** Calm moves in a row that no chance makes: recorded tapes and series have 55 at most. */
const CALM_MOVES = 100;
/** Wild events less three times the others since: recorded tapes and series come to 25 where nothing breaks. */
const WILD_EVENTS = 64;
const OTHERS_COUNT = 3;

const STREAK = 0;
const EVENTS = 1;
const SQUARES = 2;
const SCALE_BEFORE = 3;

/**
 * Notices that the changes of a symbol have become of another size for good: when move after move is far smaller, or almost every event
 * far larger, than the scale says. Means that forget slowly would carry the old size on for tens of thousands of ticks, and after
 * one jump of the level a size that never was. All zero is a fresh start.
 */
export class ScaleBreak {
  /** Float64 slots: the streak (calm moves below zero, wild events above), events with it, sum of their squares, the scale as it began (0: of too few events). */
  readonly slots = 4;
  readonly #calmMoves: number;

  /** @param patience calm moves before a break is believed, if more than a hundred */
  constructor(patience: number) {
    this.#calmMoves = Math.max(CALM_MOVES, patience);
  }

  /**
   * @param change of one event
   * @param usual  what such changes were, as it stood before this one
   * @returns the mean square of a change since the break, where this event completes the evidence; else 0
   */
  observe(state: Float64Array, at: number, change: number, { scale, count }: UsualChange): number {
    if (state[at + STREAK] <= 0) {
      state[at + SCALE_BEFORE] = count < this.#calmMoves ? 0 : scale;
    }
    const streak = this.#nextStreak(state, at, Math.abs(change), scale);
    state[at + STREAK] = streak;
    // Before a streak, and where one turns into the other, nothing counts yet.
    if (streak === 0 || streak === 1 || streak === -1) {
      state[at + EVENTS] = 0;
      state[at + SQUARES] = 0;
    }
    if (streak === 0) return 0;
    state[at + EVENTS] += 1;
    state[at + SQUARES] += change * change;
    if (streak > -this.#calmMoves && streak < WILD_EVENTS) return 0;
    const meanSquare = state[at + SQUARES] / state[at + EVENTS];
    state.fill(0, at, at + this.slots);
    return meanSquare;
  }

  #nextStreak(state: Float64Array, at: number, size: number, scale: number): number {
    const streak = state[at + STREAK];
    const before = state[at + SCALE_BEFORE];
    const isWildAsOfBefore = streak > 0 && before > 0 && size > WILD_AS_OF_BEFORE * before;
    if (isWildAsOfBefore || (scale > 0 && size > WILD * scale)) return Math.max(0, streak) + 1;
    if (streak > 0) return Math.max(0, streak - OTHERS_COUNT);
    // Where nothing moves, nothing is said of the size of moves.
    if (size === 0) return streak;
    return size < CALM * scale ? streak - 1 : 0;
  }
}

/** What changes were before the newest; filled anew for each. */
export interface UsualChange {
  /** Root mean square. */
  scale: number;
  /** Events that it is known from: a scale of few is no measure of later ones. */
  count: number;
}
