import type { Quote, Trade } from '#shared/market/tick.ts';
import { networkCell } from '#shared/nn/network-shape.ts';
import type { QuantileNetwork } from '#shared/nn/quantile-network.ts';
import { type BlankHorizon, BlankHorizons } from '../blank-horizons.ts';
import type { HorizonForecast } from '../forecast.ts';
import type { Mutable } from '../mutable.ts';
import { PENDING, PendingForecasts } from '../pending-forecasts.ts';
import type { HorizonScore } from '../score.ts';
import type { SymbolArena } from '../symbol-arena.ts';
import type { Moment, SymbolFold } from '../symbol-fold.ts';
import { SymbolScores, TIE_SHARE } from '../symbol-scores.ts';
import type { TakeOutcome } from '../tick-sequence.ts';
import { type MixPlace, PointMix, type SpokenChanges } from './point-mix.ts';
import { SERIES_EXPERTS, SeriesExperts } from './series-experts.ts';
import { SeriesObservation } from './series-observation.ts';
import type { SeriesSettings } from './series-shape.ts';

interface PlacedMix {
  readonly mix: PointMix;
  readonly f64At: number;
  readonly f32At: number;
}

/**
 * The fold of regular series: a row is taken in by all its symbols, then each is forecast at all horizons by experts that may look at the
 * others' newest values. The network says points in two scales, which are two of the experts.
 */
export class SeriesForecaster implements SymbolFold {
  readonly observation: SeriesObservation;
  readonly experts = SERIES_EXPERTS;
  readonly f64Slots: number;
  readonly f32Slots: number;
  readonly #settings: SeriesSettings;
  readonly #scores: SymbolScores;
  readonly #speakers: SeriesExperts;
  readonly #pending: PendingForecasts;
  readonly #mixes: readonly PlacedMix[];
  readonly #scoresAt: number;
  readonly #ridgesAt: number;
  readonly #pendingAt: number;
  readonly #ridges32At: number;
  readonly #blanks: BlankHorizons;
  readonly #input: Float32Array;
  readonly #output: Float32Array;
  readonly #quantiles: Float64Array;
  readonly #place = {} as Mutable<MixPlace>;
  readonly #spoken = {} as Mutable<SpokenChanges>;

  constructor(settings: SeriesSettings) {
    const { horizons, levels, seasonTicks } = settings;
    this.#settings = settings;
    this.observation = new SeriesObservation({ seasonTicks, horizons });
    this.#scores = new SymbolScores(horizons, levels);
    this.#speakers = new SeriesExperts(settings, this.observation);
    this.#pending = new PendingForecasts(horizons, levels.length);
    const { inputSize } = this.observation;
    this.#scoresAt = this.observation.slots;
    this.#ridgesAt = this.#scoresAt + this.#scores.slots;
    this.#pendingAt = networkCell({ ...settings, inputSize }).stateSize;
    this.#ridges32At = this.#pendingAt + this.#pending.slots;
    let f64At = this.#ridgesAt + this.#speakers.f64Slots;
    let f32At = this.#ridges32At + this.#speakers.f32Slots;
    this.#mixes = horizons.map((horizonTicks) => {
      const experts = SERIES_EXPERTS.length;
      const mix = new PointMix({ experts, levels, horizonTicks, seasonTicks });
      const placed = { mix, f64At, f32At };
      f64At += mix.f64Slots;
      f32At += mix.f32Slots;
      return placed;
    });
    this.f64Slots = f64At;
    this.f32Slots = f32At;
    this.#blanks = new BlankHorizons(horizons, levels.length, SERIES_EXPERTS.length);
    this.#input = new Float32Array(inputSize);
    this.#output = new Float32Array(2 * horizons.length);
    this.#quantiles = new Float64Array(levels.length);
  }

  begin(arena: SymbolArena, row: number): void {
    this.observation.begin(arena.f64, arena.f64At(row));
  }

  take(arena: SymbolArena, row: number, tick: Trade | Quote, key: number): TakeOutcome {
    const at = arena.f64At(row);
    const outcome = this.observation.take(arena.f64, at, tick);
    if (outcome !== 'event') return outcome;
    const count = this.observation.count(arena.f64, at);
    const change = this.observation.change(arena.f64, at);
    for (let k = 0; k < this.#settings.horizons.length; k += 1) {
      if (count > this.#settings.horizons[k]) this.#mature(arena, row, k, key);
    }
    this.#scores.observeChange(arena.f64, at + this.#scoresAt, change, count);
    if (this.observation.brokenAt(arena.f64, at) === count) this.#restartMixes(arena.f64, at);
    return outcome;
  }

  scores(arena: SymbolArena, row: number): readonly HorizonScore[] {
    const at = arena.f64At(row);
    const count = this.observation.count(arena.f64, at);
    return this.#scores.take(arena.f64, at + this.#scoresAt, count);
  }

  issue(
    arena: SymbolArena,
    row: number,
    network: QuantileNetwork,
    { isWarming, groupRows }: Moment,
  ): HorizonForecast[] | null {
    const at = arena.f64At(row);
    this.observation.input(arena.f64, at, this.#input, 0);
    const isSound = network.step(this.#input, 0, arena.f32, arena.f32At(row), this.#output, 0);
    const { horizons } = this.#settings;
    if (!isSound) {
      const count = this.observation.count(arena.f64, at);
      this.#pending.skip(arena.f32, arena.f32At(row) + this.#pendingAt, count);
      return null;
    }
    this.#speakers.step({
      f64: arena.f64,
      f32: arena.f32,
      at,
      ridgesAt: at + this.#ridgesAt,
      ridges32At: arena.f32At(row) + this.#ridges32At,
      peersAt: groupRows.filter((peer) => peer !== row).map((peer) => arena.f64At(peer)),
      input: this.#input,
      output: this.#output,
    });
    const kind = isWarming ? PENDING.warming : PENDING.scored;
    const stated = this.#blanks.make();
    for (let k = 0; k < horizons.length; k += 1) {
      this.#state(arena, row, k, stated[k]);
      arena.f32[this.#entryAt(arena, row, k)] = kind;
    }
    return stated;
  }

  #mature(arena: SymbolArena, row: number, k: number, key: number): void {
    const at = arena.f64At(row);
    const count = this.observation.count(arena.f64, at);
    const matured = this.#pending.mature(arena.f32, arena.f32At(row) + this.#pendingAt, k, count);
    if (!matured.isWarming && !matured.isScored) return;
    matured.happened = this.observation.realised(arena.f64, at, k);
    const scale = this.observation.scale(arena.f64, at, k);
    matured.tie = TIE_SHARE * scale;
    matured.key = key + matured.origin;
    this.#scores.mature(arena.f64, at + this.#scoresAt, k, matured);
    // From before a break nothing is learnt: it would be taken for the present size of changes.
    if (matured.origin <= this.observation.brokenAt(arena.f64, at)) return;
    this.#mixes[k].mix.mature(this.#placeOf(arena, row, k), count, matured, scale);
  }

  #state(arena: SymbolArena, row: number, k: number, stated: BlankHorizon): void {
    const at = arena.f64At(row);
    const count = this.observation.count(arena.f64, at);
    const spoken = this.#spoken;
    spoken.rows = this.#speakers.rows;
    spoken.k = k;
    spoken.scale = this.observation.scale(arena.f64, at, k);
    const { mix } = this.#mixes[k];
    const place = this.#placeOf(arena, row, k);
    stated.point = Math.fround(mix.mix(place, count, spoken, this.#quantiles));
    mix.shares(place, stated.weights);
    const entry = this.#entryAt(arena, row, k);
    const pending = this.#pending.quantilesAt(entry);
    for (let l = 0; l < this.#quantiles.length; l += 1) {
      arena.f32[pending + l] = this.#quantiles[l];
      stated.quantiles[l] = this.#quantiles[l];
    }
    const sigmas = this.#pending.sigmasAt(entry);
    this.#scores.writeCandidates(arena.f64, at + this.#scoresAt, k, arena.f32, sigmas);
  }

  #restartMixes(state: Float64Array, at: number): void {
    for (const { mix, f64At } of this.#mixes) {
      state.fill(0, at + f64At, at + f64At + mix.f64Slots);
    }
  }

  /** Good until the next call. */
  #placeOf(arena: SymbolArena, row: number, k: number): MixPlace {
    const { f64At, f32At } = this.#mixes[k];
    const place = this.#place;
    place.f64 = arena.f64;
    place.f64At = arena.f64At(row) + f64At;
    place.f32 = arena.f32;
    place.f32At = arena.f32At(row) + f32At;
    return place;
  }

  #entryAt(arena: SymbolArena, row: number, k: number): number {
    const count = this.observation.count(arena.f64, arena.f64At(row));
    return this.#pending.entryAt(arena.f32At(row) + this.#pendingAt, k, count);
  }
}
