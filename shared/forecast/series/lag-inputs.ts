import { cos, sin } from '#shared/numeric/elementary.ts';
import type { SeriesObservation } from './series-observation.ts';

const MOST_LAGS = 24;
/** Level, constant, two harmonics. */
const FURTHER = 6;

/** The inputs of the ridges on raw lags: own values of the last season and at seasonal lags, level, constant, and two harmonics. */
export class LagInputs {
  readonly size: number;
  readonly #season: number;
  readonly #lags: readonly number[];

  constructor(seasonTicks: number) {
    const recent = Math.min(MOST_LAGS, seasonTicks);
    const seasonal = [-2, -1, 0, 1].map((k) => seasonTicks + k);
    const far = [2 * seasonTicks - 1, 2 * seasonTicks, 7 * seasonTicks - 1, 7 * seasonTicks];
    this.#season = seasonTicks;
    this.#lags = [
      ...Array.from({ length: recent - 1 }, (_, k) => k + 1),
      ...[...seasonal, ...far].filter((lag) => lag >= recent),
    ];
    this.size = this.#lags.length + FURTHER;
  }

  /** Writes the inputs at the newest event, in long-run standard deviations. */
  write(observation: SeriesObservation, state: Float64Array, at: number, into: Float64Array): void {
    const unit = observation.unit(state, at);
    const value = observation.value(state, at);
    let slot = 0;
    for (const lag of this.#lags) {
      into[slot] = (observation.past(state, at, lag) - value) / unit;
      slot += 1;
    }
    const phase = (2 * Math.PI * (observation.count(state, at) % this.#season)) / this.#season;
    into[slot] = observation.standing(state, at);
    into[slot + 1] = 1;
    into[slot + 2] = sin(phase);
    into[slot + 3] = cos(phase);
    into[slot + 4] = sin(2 * phase);
    into[slot + 5] = cos(2 * phase);
  }
}
