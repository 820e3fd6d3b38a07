import { crpsCellWeights } from '#shared/nn/losses/pinball.ts';
import { normalQuantile } from '#shared/numeric/normal-quantile.ts';
import { CANDIDATES, EwmaGaussian } from './baselines/ewma-gaussian.ts';
import type { Mutable } from './mutable.ts';
import type { HorizonScore } from './score.ts';
import { type MaturedScore, ScoreSpan, SPAN_EVENTS } from './score-span.ts';
import { crpsOfGaussian, crpsOfQuantiles } from './scores/crps.ts';
import { randomisedPit, uniformOf } from './scores/randomised-pit.ts';

/** Origins before the baseline's candidates are compared: an EWMA of a handful of values says nothing. */
const FIRST_COMPARED = 100;

/** Offsets closer than this share of the scale are equal: far below one price step, far above rounding. */
export const TIE_SHARE = 1e-6;

/** A forecast of one horizon whose target the newest event is. */
export interface MaturedForecast {
  /** The h-change, offset units. */
  readonly happened: number;
  /** How far apart still counts as equal. */
  readonly tie: number;
  /** Number of its origin among the symbol's forecast events, from 1. */
  readonly origin: number;
  readonly isWarming: boolean;
  readonly isScored: boolean;
  /** Seeds the randomised PIT. */
  readonly key: number;
  /** Holds the quantiles as issued, and the standard deviations of the baseline's candidates at the origin. */
  readonly f32: Float32Array;
  readonly quantilesAt: number;
  readonly sigmasAt: number;
}

/** The scores of one symbol's matured forecasts beside those of the baselines, which it keeps for that; all state in float64 slots. */
export class SymbolScores {
  readonly slots: number;
  readonly #levels: readonly number[];
  readonly #gaussian: EwmaGaussian;
  readonly #span: ScoreSpan;
  readonly #edges: readonly number[];
  readonly #matured = {} as Mutable<MaturedScore>;
  readonly #tables: { readonly weights: readonly number[]; readonly normalQuantiles: Float64Array };

  constructor(horizons: readonly number[], levels: readonly number[]) {
    this.#levels = levels;
    this.#gaussian = new EwmaGaussian(horizons);
    this.#span = new ScoreSpan(horizons);
    this.slots = this.#gaussian.slots + this.#span.slots;
    this.#edges = [0, ...levels, 1];
    this.#tables = {
      weights: crpsCellWeights(levels),
      normalQuantiles: Float64Array.from(levels, normalQuantile),
    };
  }

  /** @param count forecast events with this one */
  observeChange(state: Float64Array, at: number, change: number, count: number): void {
    this.#gaussian.observeChange(state, at, change, count);
  }

  /** The baseline goes on with changes of another size. @param variance of one event from now on */
  restart(state: Float64Array, at: number, variance: number): void {
    this.#gaussian.restart(state, at, variance);
  }

  /** Standard deviation of the EWMA-Gaussian at the newest event, offset units. */
  sigma(state: Float64Array, at: number, k: number): number {
    return this.#gaussian.sigma(state, at, k, this.#gaussian.chosen(state, at, k));
  }

  /** The same of every candidate, of which warm-up chooses one. */
  writeCandidates(
    state: Float64Array,
    at: number,
    k: number,
    into: Float32Array,
    intoAt: number,
  ): void {
    for (let c = 0; c < CANDIDATES; c += 1) {
      into[intoAt + c] = this.#gaussian.sigma(state, at, k, c);
    }
  }

  mature(state: Float64Array, at: number, k: number, matured: MaturedForecast): void {
    if (matured.isWarming && matured.origin > FIRST_COMPARED) this.#compare(state, at, k, matured);
    if (matured.isScored) this.#score(state, at, k, matured);
    this.#gaussian.observeRealised(state, at, k, matured.happened, matured.origin);
  }

  /** The sums of the span that event number `count` completes, else nothing. */
  take(state: Float64Array, at: number, count: number): readonly HorizonScore[] {
    if (count % SPAN_EVENTS !== 0) return [];
    return this.#span.take(state, at + this.#gaussian.slots);
  }

  #compare(state: Float64Array, at: number, k: number, matured: MaturedForecast): void {
    const { happened, f32, sigmasAt } = matured;
    for (let c = 0; c < CANDIDATES; c += 1) {
      const crps = crpsOfGaussian(f32[sigmasAt + c], happened, this.#levels, this.#tables);
      this.#gaussian.addLoss(state, at, k, c, crps);
    }
  }

  #score(state: Float64Array, at: number, k: number, matured: MaturedForecast): void {
    const { happened, tie, key, f32, quantilesAt, sigmasAt } = matured;
    const levels = this.#levels;
    const sigma = f32[sigmasAt + this.#gaussian.chosen(state, at, k)];
    const score = this.#matured;
    score.crps = crpsOfQuantiles(f32, quantilesAt, happened, levels, this.#tables.weights);
    score.crpsLastValue = Math.abs(happened);
    score.crpsEwmaGaussian = crpsOfGaussian(sigma, happened, levels, this.#tables);
    score.absoluteError = Math.abs(happened - f32[quantilesAt + (levels.length >> 1)]);
    score.absoluteErrorLastValue = Math.abs(happened);
    const uniform = uniformOf(key, k);
    score.pit = randomisedPit(f32, quantilesAt, happened, this.#edges, { tie, uniform });
    this.#span.add(state, at + this.#gaussian.slots, k, score);
  }
}
