import type { Quote, Trade } from '#shared/market/tick.ts';
import { networkCell } from '#shared/nn/network-shape.ts';
import type { QuantileNetwork } from '#shared/nn/quantile-network.ts';
import { sortRising } from '#shared/numeric/sort-rising.ts';
import { type BlankHorizon, BlankHorizons } from './blank-horizons.ts';
import { QuantileTracker } from './conformal.ts';
import {
  type ExpertPlace,
  type Spoken,
  TICK_EXPERTS,
  TickExperts,
} from './experts/tick-experts.ts';
import type { HorizonForecast } from './forecast.ts';
import type { ForecasterSettings } from './forecaster-settings.ts';
import type { Mutable } from './mutable.ts';
import { Observation } from './observation.ts';
import { PENDING, PendingForecasts } from './pending-forecasts.ts';
import { snapToGrid } from './price-grid.ts';
import type { HorizonScore } from './score.ts';
import type { SymbolArena } from './symbol-arena.ts';
import type { Moment, SymbolFold } from './symbol-fold.ts';
import { SymbolScores, TIE_SHARE } from './symbol-scores.ts';
import type { TakeOutcome } from './tick-sequence.ts';

/**
 * What the fold does with one symbol: take a tick in, score what it matures, learn from it, then state the future. Everything it
 * remembers lies in the symbol's row of the arena; this object holds only tables and scratch, so one serves all symbols.
 */
export class SymbolForecaster implements SymbolFold {
  readonly observation: Observation;
  readonly experts: readonly string[];
  readonly f64Slots: number;
  readonly f32Slots: number;
  readonly #settings: ForecasterSettings;
  readonly #scores: SymbolScores;
  readonly #experts: TickExperts;
  readonly #tracker: QuantileTracker;
  readonly #pending: PendingForecasts;
  readonly #scoresAt: number;
  readonly #expertsAt: number;
  readonly #trackerAt: number;
  readonly #pendingAt: number;
  readonly #issuedAt: number;
  readonly #input: Float32Array;
  readonly #output: Float32Array;
  readonly #blanks: BlankHorizons;
  readonly #place = { f64At: 0, f32At: 0 } as Mutable<ExpertPlace>;
  readonly #spoken = {} as Mutable<Spoken>;

  constructor(settings: ForecasterSettings) {
    const { horizons, levels, experts = TICK_EXPERTS, calibrationRate } = settings;
    this.#settings = settings;
    this.experts = experts;
    this.observation = new Observation(settings);
    this.#scores = new SymbolScores(horizons, levels);
    this.#experts = new TickExperts(horizons, levels, experts);
    this.#tracker = new QuantileTracker(horizons, levels, calibrationRate);
    this.#pending = new PendingForecasts(horizons, levels.length);
    this.#scoresAt = this.observation.slots;
    this.#expertsAt = this.#scoresAt + this.#scores.slots;
    this.#trackerAt = this.#expertsAt + this.#experts.f64Slots;
    this.f64Slots = this.#trackerAt + this.#tracker.slots;
    const { inputSize } = this.observation;
    this.#pendingAt = networkCell({ ...settings, inputSize }).stateSize;
    this.#issuedAt = this.#pendingAt + this.#pending.slots;
    this.f32Slots = this.#issuedAt + this.#experts.f32Slots;
    this.#input = new Float32Array(this.observation.inputSize);
    this.#output = new Float32Array(horizons.length * levels.length);
    this.#blanks = new BlankHorizons(horizons, levels.length, experts.length);
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
    this.#scores.observeChange(arena.f64, at + this.#scoresAt, change, count);
    this.#tracker.observeChange(arena.f64, at + this.#trackerAt, change, count);
    const variance = this.observation.breakVariance(arena.f64, at);
    if (variance > 0) this.#restart(arena.f64, at, variance);
    return outcome;
  }

  /** The scores of the span that the newest event completes, else nothing. */
  scores(arena: SymbolArena, row: number): readonly HorizonScore[] {
    const at = arena.f64At(row);
    const count = this.observation.count(arena.f64, at);
    return this.#scores.take(arena.f64, at + this.#scoresAt, count);
  }

  /** Steps the network on the newest event and states the quantiles; null (the state stays) where a number is not finite. */
  issue(
    arena: SymbolArena,
    row: number,
    network: QuantileNetwork,
    { isWarming }: Moment,
  ): HorizonForecast[] | null {
    this.observation.input(arena.f64, arena.f64At(row), this.#input, 0);
    const isSound = network.step(this.#input, 0, arena.f32, arena.f32At(row), this.#output, 0);
    const { horizons } = this.#settings;
    if (!isSound) {
      const count = this.observation.count(arena.f64, arena.f64At(row));
      this.#pending.skip(arena.f32, arena.f32At(row) + this.#pendingAt, count);
      return null;
    }
    const place = this.#placeOf(arena, row);
    const stated = this.#blanks.make();
    for (let k = 0; k < horizons.length; k += 1) {
      this.#mix(arena, row, k, place);
      this.#experts.writeShares(stated[k].weights);
      if (!isWarming) this.#calibrate(arena, row, k);
      this.#snap(arena, row, k);
      this.#state(arena, row, k, stated[k]);
      arena.f32[this.#entryAt(arena, row, k)] = isWarming ? PENDING.warming : PENDING.scored;
    }
    return stated;
  }

  #mature(arena: SymbolArena, row: number, k: number, key: number): void {
    const at = arena.f64At(row);
    const count = this.observation.count(arena.f64, at);
    const matured = this.#pending.mature(arena.f32, arena.f32At(row) + this.#pendingAt, k, count);
    matured.happened = this.observation.realised(arena.f64, at, k);
    matured.tie = TIE_SHARE * this.observation.scale(arena.f64, at, k);
    matured.key = key + matured.origin;
    this.#scores.mature(arena.f64, at + this.#scoresAt, k, matured);
    // From before a break nothing is learnt: it would be taken for the present size of changes.
    if (matured.origin <= this.observation.brokenAt(arena.f64, at)) return;
    if (matured.isScored) this.#tracker.learn(arena.f64, at + this.#trackerAt, k, matured);
    this.#experts.mature(this.#placeOf(arena, row), k, matured);
  }

  #restart(state: Float64Array, at: number, variance: number): void {
    this.#scores.restart(state, at + this.#scoresAt, variance);
    this.#experts.restart(state, at + this.#expertsAt, variance);
    this.#tracker.restart(state, at + this.#trackerAt, variance);
  }

  /** The network's outputs of a horizon become quantiles, and those the mix of all experts. */
  #mix(arena: SymbolArena, row: number, k: number, place: ExpertPlace): void {
    const at = arena.f64At(row);
    const { levels } = this.#settings;
    const from = k * levels.length;
    const scale = this.observation.scale(arena.f64, at, k);
    for (let l = from; l < from + levels.length; l += 1) this.#output[l] *= scale;
    sortRising(this.#output, from, from + levels.length);
    const spoken = this.#spoken;
    spoken.quantiles = this.#output;
    spoken.at = from;
    spoken.sigma = this.#scores.sigma(arena.f64, at + this.#scoresAt, k);
    spoken.origin = this.observation.count(arena.f64, at);
    this.#experts.mix(place, k, spoken);
  }

  #calibrate(arena: SymbolArena, row: number, k: number): void {
    const at = arena.f64At(row) + this.#trackerAt;
    this.#tracker.adjust(arena.f64, at, k, this.#output, k * this.#settings.levels.length);
  }

  /** Writes the outputs of a horizon down, for who asked and for the event that matures them. */
  #state(arena: SymbolArena, row: number, k: number, stated: BlankHorizon): void {
    const L = this.#settings.levels.length;
    const { f64, f32 } = arena;
    const entry = this.#entryAt(arena, row, k);
    const pending = this.#pending.quantilesAt(entry);
    const { quantiles } = stated;
    const output = this.#output;
    for (let l = 0; l < L; l += 1) {
      const quantile = output[k * L + l];
      quantiles[l] = quantile;
      f32[pending + l] = quantile;
    }
    stated.point = output[k * L + (L >> 1)];
    const sigmas = this.#pending.sigmasAt(entry);
    this.#scores.writeCandidates(f64, arena.f64At(row) + this.#scoresAt, k, f32, sigmas);
  }

  /** One tick ahead a price moves by whole steps. */
  #snap(arena: SymbolArena, row: number, k: number): void {
    const { horizons, levels, measure } = this.#settings;
    if (horizons[k] !== 1 || measure !== 'price') return;
    const at = arena.f64At(row);
    const step = this.observation.priceStep(arena.f64, at);
    if (!(step > 0)) return;
    const price = this.observation.price(arena.f64, at);
    snapToGrid(this.#output, k * levels.length, levels.length, { price, step });
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
