import type { Quote, Trade } from '#shared/market/tick.ts';
import { crpsCellWeights } from '#shared/nn/losses/pinball.ts';
import { networkCell } from '#shared/nn/network-shape.ts';
import type { QuantileNetwork } from '#shared/nn/quantile-network.ts';
import { FloatPieces } from '#shared/numeric/float-pieces.ts';
import { normalQuantile } from '#shared/numeric/normal-quantile.ts';
import { sortRising } from '#shared/numeric/sort-rising.ts';
import { CANDIDATES, EwmaGaussian } from './baselines/ewma-gaussian.ts';
import { QuantileTracker } from './conformal.ts';
import type { HorizonForecast } from './forecast.ts';
import type { ForecasterSettings } from './forecaster-settings.ts';
import { createObservation, type Observation } from './observation.ts';
import { PENDING, PendingForecasts } from './pending-forecasts.ts';
import type { HorizonScore } from './score.ts';
import { ScoreSpan, SPAN_EVENTS } from './score-span.ts';
import { crpsOfGaussian, crpsOfQuantiles } from './scores/crps.ts';
import { randomisedPit, uniformOf } from './scores/randomised-pit.ts';
import type { SymbolArena } from './symbol-arena.ts';
import type { TakeOutcome } from './tick-sequence.ts';

/** Events before the baseline's candidates are compared: an EWMA of a handful of values says nothing. */
const FIRST_COMPARED = 100;

/** Offsets closer than this share of the scale are equal: far below one price step, far above rounding. */
const TIE_SHARE = 1e-6;

/**
 * What the fold does with one symbol: take a tick in, score what it matures, learn from it, then state the future. Everything it
 * remembers lies in the symbol's row of the arena; this object holds only tables and scratch, so one serves all symbols.
 */
export class SymbolForecaster {
  readonly observation: Observation;
  readonly f64Slots: number;
  readonly f32Slots: number;
  readonly #settings: ForecasterSettings;
  readonly #gaussian: EwmaGaussian;
  readonly #tracker: QuantileTracker;
  readonly #pending: PendingForecasts;
  readonly #span: ScoreSpan;
  readonly #gaussianAt: number;
  readonly #trackerAt: number;
  readonly #spanAt: number;
  readonly #pendingAt: number;
  readonly #input: Float32Array;
  readonly #output: Float32Array;
  readonly #pieces: FloatPieces;
  readonly #edges: readonly number[];
  readonly #tables: { readonly weights: readonly number[]; readonly normalQuantiles: Float64Array };

  constructor(settings: ForecasterSettings) {
    const { horizons, levels } = settings;
    this.#settings = settings;
    this.observation = createObservation(settings);
    this.#gaussian = new EwmaGaussian(horizons);
    this.#tracker = new QuantileTracker(horizons, levels);
    this.#pending = new PendingForecasts(horizons, levels.length);
    this.#span = new ScoreSpan(horizons);
    this.#gaussianAt = this.observation.slots;
    this.#trackerAt = this.#gaussianAt + this.#gaussian.slots;
    this.#spanAt = this.#trackerAt + this.#tracker.slots;
    this.f64Slots = this.#spanAt + this.#span.slots;
    const { inputSize } = this.observation;
    this.#pendingAt = networkCell({ ...settings, inputSize }).stateSize;
    this.f32Slots = this.#pendingAt + this.#pending.slots;
    this.#input = new Float32Array(this.observation.inputSize);
    this.#output = new Float32Array(horizons.length * levels.length);
    this.#pieces = new FloatPieces(levels.length);
    this.#edges = [0, ...levels, 1];
    this.#tables = {
      weights: crpsCellWeights(levels),
      normalQuantiles: Float64Array.from(levels, normalQuantile),
    };
  }

  begin(arena: SymbolArena, row: number, priceStep: number): void {
    this.observation.begin(arena.f64, arena.f64At(row), priceStep);
  }

  /** Takes the tick in; where it is a forecast event, scores and learns from the forecasts it matures. */
  take(arena: SymbolArena, row: number, tick: Trade | Quote, key: number): TakeOutcome {
    const at = arena.f64At(row);
    const outcome = this.observation.take(arena.f64, at, tick);
    if (outcome !== 'event') return outcome;
    const count = this.observation.count(arena.f64, at);
    for (let k = 0; k < this.#settings.horizons.length; k += 1) {
      if (count > this.#settings.horizons[k]) this.#mature(arena, row, k, key);
    }
    const change = this.observation.change(arena.f64, at);
    this.#gaussian.observeChange(arena.f64, at + this.#gaussianAt, change, count);
    this.#tracker.observeChange(arena.f64, at + this.#trackerAt, change, count);
    return outcome;
  }

  /** The scores of the span that the newest event completes, else nothing. */
  scores(arena: SymbolArena, row: number): readonly HorizonScore[] {
    const at = arena.f64At(row);
    if (this.observation.count(arena.f64, at) % SPAN_EVENTS !== 0) return [];
    return this.#span.take(arena.f64, at + this.#spanAt);
  }

  /** Steps the network on the newest event and states the quantiles; null (the state stays) where a number is not finite. */
  issue(
    arena: SymbolArena,
    row: number,
    network: QuantileNetwork,
    isWarming: boolean,
  ): HorizonForecast[] | null {
    this.observation.input(arena.f64, arena.f64At(row), this.#input, 0);
    const isSound = network.step(this.#input, 0, arena.f32, arena.f32At(row), this.#output, 0);
    if (isSound) {
      return this.#settings.horizons.map((_, k) => this.#state(arena, row, k, isWarming));
    }
    for (let k = 0; k < this.#settings.horizons.length; k += 1) {
      arena.f32[this.#entryAt(arena, row, k)] = PENDING.none;
    }
    return null;
  }

  #mature(arena: SymbolArena, row: number, k: number, key: number): void {
    const at = arena.f64At(row);
    const happened = this.observation.realised(arena.f64, at, k);
    const matured = this.observation.count(arena.f64, at) - this.#settings.horizons[k];
    const entry = this.#entryAt(arena, row, k);
    const kind = arena.f32[entry];
    if (kind === PENDING.warming && matured > FIRST_COMPARED) {
      this.#compareCandidates(arena, row, k, happened);
    }
    if (kind === PENDING.scored) this.#score(arena, row, k, { happened, key: key + matured });
    this.#gaussian.observeRealised(arena.f64, at + this.#gaussianAt, k, happened, matured);
  }

  #compareCandidates(arena: SymbolArena, row: number, k: number, happened: number): void {
    const at = arena.f64At(row) + this.#gaussianAt;
    const sigmas = this.#pending.sigmasAt(this.#entryAt(arena, row, k));
    for (let c = 0; c < CANDIDATES; c += 1) {
      const sigma = arena.f32[sigmas + c];
      const crps = crpsOfGaussian(sigma, happened, this.#settings.levels, this.#tables);
      this.#gaussian.addLoss(arena.f64, at, k, c, crps);
    }
  }

  #score(
    arena: SymbolArena,
    row: number,
    k: number,
    { happened, key }: { readonly happened: number; readonly key: number },
  ): void {
    const at = arena.f64At(row);
    const { levels } = this.#settings;
    const entry = this.#entryAt(arena, row, k);
    const quantiles = this.#pending.quantilesAt(entry);
    const chosen = this.#gaussian.chosen(arena.f64, at + this.#gaussianAt, k);
    const sigma = arena.f32[this.#pending.sigmasAt(entry) + chosen];
    const tie = TIE_SHARE * this.observation.scale(arena.f64, at, k);
    const median = arena.f32[quantiles + (levels.length >> 1)];
    this.#span.add(arena.f64, at + this.#spanAt, k, {
      crps: crpsOfQuantiles(arena.f32, quantiles, happened, levels, this.#tables.weights),
      crpsLastValue: Math.abs(happened),
      crpsEwmaGaussian: crpsOfGaussian(sigma, happened, levels, this.#tables),
      absoluteError: Math.abs(happened - median),
      absoluteErrorLastValue: Math.abs(happened),
      pit: randomisedPit(arena.f32, quantiles, happened, this.#edges, {
        tie,
        uniform: uniformOf(key, k),
      }),
    });
    const issued = { quantiles: arena.f32, at: quantiles };
    this.#tracker.learn(arena.f64, at + this.#trackerAt, k, issued, { happened, tie });
  }

  #state(arena: SymbolArena, row: number, k: number, isWarming: boolean): HorizonForecast {
    const at = arena.f64At(row);
    const { horizons, levels } = this.#settings;
    const from = k * levels.length;
    const scale = this.observation.scale(arena.f64, at, k);
    for (let l = from; l < from + levels.length; l += 1) this.#output[l] *= scale;
    sortRising(this.#output, from, from + levels.length);
    if (!isWarming) {
      this.#tracker.adjust(arena.f64, at + this.#trackerAt, k, this.#output, from);
    }
    const entry = this.#entryAt(arena, row, k);
    arena.f32[entry] = isWarming ? PENDING.warming : PENDING.scored;
    const pending = this.#pending.quantilesAt(entry);
    for (let l = 0; l < levels.length; l += 1) arena.f32[pending + l] = this.#output[from + l];
    for (let c = 0; c < CANDIDATES; c += 1) {
      const sigma = this.#gaussian.sigma(arena.f64, at + this.#gaussianAt, k, c);
      arena.f32[this.#pending.sigmasAt(entry) + c] = sigma;
    }
    return {
      horizonTicks: horizons[k],
      point: this.#output[from + (levels.length >> 1)],
      quantiles: this.#pieces.copyOf(this.#output, from),
    };
  }

  #entryAt(arena: SymbolArena, row: number, k: number): number {
    const count = this.observation.count(arena.f64, arena.f64At(row));
    return this.#pending.entryAt(arena.f32At(row) + this.#pendingAt, k, count);
  }
}
