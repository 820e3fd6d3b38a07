import type { Quote, Trade } from '#shared/market/tick.ts';
import { crpsCellWeights } from '#shared/nn/losses/pinball.ts';
import { networkCell } from '#shared/nn/network-shape.ts';
import type { QuantileNetwork } from '#shared/nn/quantile-network.ts';
import { FloatPieces } from '#shared/numeric/float-pieces.ts';
import { normalQuantile } from '#shared/numeric/normal-quantile.ts';
import { sortRising } from '#shared/numeric/sort-rising.ts';
import { CANDIDATES, EwmaGaussian } from './baselines/ewma-gaussian.ts';
import { QuantileTracker } from './conformal.ts';
import { type ExpertPlace, TickExperts } from './experts/tick-experts.ts';
import type { HorizonForecast } from './forecast.ts';
import type { ForecasterSettings } from './forecaster-settings.ts';
import { createObservation, type Observation } from './observation.ts';
import { PENDING, PendingForecasts } from './pending-forecasts.ts';
import { snapToGrid } from './price-grid.ts';
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

/** The truth of one horizon that the newest event brings. */
interface Matured {
  readonly happened: number;
  readonly tie: number;
  /** Seeds the randomised PIT. */
  readonly key: number;
}

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
  readonly #experts: TickExperts;
  readonly #tracker: QuantileTracker;
  readonly #pending: PendingForecasts;
  readonly #span: ScoreSpan;
  readonly #gaussianAt: number;
  readonly #expertsAt: number;
  readonly #trackerAt: number;
  readonly #spanAt: number;
  readonly #pendingAt: number;
  readonly #issuedAt: number;
  /** Reused from call to call. */
  readonly #place: { -readonly [K in keyof ExpertPlace]: ExpertPlace[K] } = {
    f64: new Float64Array(0),
    f64At: 0,
    f32: new Float32Array(0),
    f32At: 0,
  };
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
    this.#experts = new TickExperts(horizons, levels);
    this.#tracker = new QuantileTracker(horizons, levels);
    this.#pending = new PendingForecasts(horizons, levels.length);
    this.#span = new ScoreSpan(horizons);
    this.#gaussianAt = this.observation.slots;
    this.#expertsAt = this.#gaussianAt + this.#gaussian.slots;
    this.#trackerAt = this.#expertsAt + this.#experts.f64Slots;
    this.#spanAt = this.#trackerAt + this.#tracker.slots;
    this.f64Slots = this.#spanAt + this.#span.slots;
    const { inputSize } = this.observation;
    this.#pendingAt = networkCell({ ...settings, inputSize }).stateSize;
    this.#issuedAt = this.#pendingAt + this.#pending.slots;
    this.f32Slots = this.#issuedAt + this.#experts.f32Slots;
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
    const change = this.observation.change(arena.f64, at);
    this.#experts.observeChange(arena.f64, at + this.#expertsAt, change, count);
    for (let k = 0; k < this.#settings.horizons.length; k += 1) {
      if (count > this.#settings.horizons[k]) this.#mature(arena, row, k, key);
    }
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
    const tie = TIE_SHARE * this.observation.scale(arena.f64, at, k);
    const isScored = kind === PENDING.scored;
    if (isScored) this.#score(arena, row, k, { happened, tie, key: key + matured });
    const mix = { happened, tie, origin: matured, isScored };
    this.#experts.mature(this.#placeOf(arena, row), k, mix);
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
    { happened, tie, key }: Matured,
  ): void {
    const at = arena.f64At(row);
    const { levels } = this.#settings;
    const entry = this.#entryAt(arena, row, k);
    const quantiles = this.#pending.quantilesAt(entry);
    const chosen = this.#gaussian.chosen(arena.f64, at + this.#gaussianAt, k);
    const sigma = arena.f32[this.#pending.sigmasAt(entry) + chosen];
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
    this.#mix(arena, row, k, from);
    if (!isWarming) {
      this.#tracker.adjust(arena.f64, at + this.#trackerAt, k, this.#output, from);
    }
    this.#snap(arena, row, k, from);
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
      weights: this.#experts.shares(arena.f64, at + this.#expertsAt, k),
    };
  }

  /** The network's quantiles, on the grid, become the mix of all experts. */
  #mix(arena: SymbolArena, row: number, k: number, from: number): void {
    const at = arena.f64At(row) + this.#gaussianAt;
    this.#snap(arena, row, k, from);
    const chosen = this.#gaussian.chosen(arena.f64, at, k);
    this.#experts.mix(this.#placeOf(arena, row), k, {
      quantiles: this.#output,
      at: from,
      sigma: this.#gaussian.sigma(arena.f64, at, k, chosen),
      origin: this.observation.count(arena.f64, arena.f64At(row)),
    });
  }

  /** One tick ahead a price moves by whole steps. */
  #snap(arena: SymbolArena, row: number, k: number, from: number): void {
    if (this.#settings.horizons[k] !== 1 || this.#settings.measure !== 'price') return;
    const at = arena.f64At(row);
    const step = this.observation.priceStep(arena.f64, at);
    if (!(step > 0)) return;
    const price = this.observation.price(arena.f64, at);
    snapToGrid(this.#output, from, this.#settings.levels.length, { price, step });
  }

  #placeOf(arena: SymbolArena, row: number): ExpertPlace {
    const place = this.#place;
    place.f64 = arena.f64;
    place.f64At = arena.f64At(row) + this.#expertsAt;
    place.f32 = arena.f32;
    place.f32At = arena.f32At(row) + this.#issuedAt;
    return place;
  }

  #entryAt(arena: SymbolArena, row: number, k: number): number {
    const count = this.observation.count(arena.f64, arena.f64At(row));
    return this.#pending.entryAt(arena.f32At(row) + this.#pendingAt, k, count);
  }
}
