import { cos, sin } from '#shared/numeric/elementary.ts';
import type { SeriesObservation } from './series-observation.ts';
import { horizonGrid, type SeriesShape } from './series-shape.ts';

const MOST_LAGS = 24;
/** Level, distance from the profile, constant, two harmonics. */
const FURTHER = 7;
/** Long-run standard deviations: where the level has jumped, old lags would rule the ridges for weeks. */
const BOUND = 16;

/**
 * The inputs of the ridges on raw lags: own values of the last season and at seasonal lags, where the value usually stands at every
 * other point of the horizon grid, level, distance from the usual, constant, and two harmonics.
 */
export class LagInputs {
  readonly size: number;
  readonly #season: number;
  readonly #lags: readonly number[];
  readonly #ahead: readonly number[];

  constructor(shape: SeriesShape) {
    const { seasonTicks } = shape;
    const recent = Math.min(MOST_LAGS, seasonTicks);
    const seasonal = [-2, -1, 0, 1].map((k) => seasonTicks + k);
    const far = [2 * seasonTicks - 1, 2 * seasonTicks, 7 * seasonTicks - 1, 7 * seasonTicks];
    this.#season = seasonTicks;
    this.#lags = [
      ...Array.from({ length: recent - 1 }, (_, k) => k + 1),
      ...[...seasonal, ...far].filter((lag) => lag >= recent),
    ];
    this.#ahead = horizonGrid(shape).filter((_, k) => k % 2 === 1);
    this.size = this.#lags.length + this.#ahead.length + FURTHER;
  }

  /** Writes the inputs at the newest event, in long-run standard deviations. */
  write(observation: SeriesObservation, state: Float64Array, at: number, into: Float64Array): void {
    const unit = observation.unit(state, at);
    const value = observation.value(state, at);
    let slot = 0;
    for (const lag of this.#lags) {
      into[slot] = bounded((observation.past(state, at, lag) - value) / unit);
      slot += 1;
    }
    for (const horizon of this.#ahead) {
      into[slot] = bounded(observation.usualChange(state, at, horizon) / unit);
      slot += 1;
    }
    const phase = (2 * Math.PI * (observation.count(state, at) % this.#season)) / this.#season;
    into[slot] = bounded(observation.standing(state, at));
    into[slot + 1] = bounded(observation.residual(state, at) / unit);
    into[slot + 2] = 1;
    into[slot + 3] = sin(phase);
    into[slot + 4] = cos(phase);
    into[slot + 5] = sin(2 * phase);
    into[slot + 6] = cos(2 * phase);
  }
}

function bounded(input: number): number {
  return Math.max(-BOUND, Math.min(BOUND, input));
}
