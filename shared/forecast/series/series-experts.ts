import { LagInputs } from './lag-inputs.ts';
import { RidgeExpert, type RidgePlace } from './ridge-expert.ts';
import type { SeriesObservation } from './series-observation.ts';
import type { SeriesSettings } from './series-shape.ts';

/** Who speaks in a forecast of a regular series, in the order of their weights. */
export const SERIES_EXPERTS: readonly string[] = [
  'last-value',
  'seasonal-profile',
  'own-lags',
  'features',
  'cross-series',
  'network-fixed-scale',
  'network-running-scale',
];

/** Rows of the changes that each expert forecasts, one number per horizon. */
const ROW = { profile: 1, ownLags: 2, features: 3, cross: 4, fixed: 5, running: 6 } as const;

/** Other series of a group that an expert sees, in column order; further ones are left out. */
const MOST_PEERS = 8;

/** Long-run standard deviations: learnt from unbounded, one jump of the level would rule a ridge for weeks. */
const LARGEST_TARGET = 100;

/** Rows, a season at least, until scales have settled; never more than the longest lag. */
const SETTLED = 200;

/** The symbol, its peers and where they stand, at a row that all of them have taken in. */
export interface SeriesRow {
  readonly f64: Float64Array;
  readonly f32: Float32Array;
  /** The symbol's observation. */
  readonly at: number;
  /** The ridges' slots. */
  readonly ridgesAt: number;
  readonly ridges32At: number;
  /** Where the observations of the others of its group stand. */
  readonly peersAt: readonly number[];
  /** The network's input at this row. */
  readonly input: Float32Array;
  /** The network's outputs: each horizon in the fixed scale, then each in the running one. */
  readonly output: Float32Array;
}

/** What the seven experts say of all horizons of one symbol. */
export class SeriesExperts {
  readonly f64Slots: number;
  readonly f32Slots: number;
  /** One row per expert, one change per horizon. */
  readonly rows: readonly Float64Array[];
  readonly #observation: SeriesObservation;
  readonly #horizons: readonly number[];
  readonly #settled: number;
  readonly #lags: LagInputs;
  readonly #ridges: readonly RidgeExpert[];
  readonly #places: readonly { readonly f64: number; readonly f32: number }[];
  readonly #inputs: readonly Float64Array[];
  readonly #matured: Float64Array;

  constructor(settings: SeriesSettings, observation: SeriesObservation) {
    const { horizons, seasonTicks } = settings;
    this.#observation = observation;
    this.#horizons = horizons;
    this.#settled = Math.min(7 * seasonTicks, Math.max(seasonTicks, SETTLED));
    this.#lags = new LagInputs(settings);
    const sizes = [
      this.#lags.size,
      observation.inputSize + 1,
      this.#lags.size + 2 * MOST_PEERS,
    ] as const;
    const [own, features, cross] = sizes;
    this.#ridges = [
      { inputs: own, forgetting: 0.9995, penalty: 10, largestTarget: LARGEST_TARGET, turn: 0 },
      { inputs: features, forgetting: 0.9995, penalty: 100, largestTarget: 4, turn: 8 },
      { inputs: cross, forgetting: 0.9998, penalty: 10, largestTarget: LARGEST_TARGET, turn: 16 },
    ].map((options) => new RidgeExpert({ ...options, horizons }));
    let end = { f64: 0, f32: 0 };
    this.#places = this.#ridges.map(({ f64Slots, f32Slots }) => {
      const place = end;
      end = { f64: end.f64 + f64Slots, f32: end.f32 + f32Slots };
      return place;
    });
    this.f64Slots = end.f64;
    this.f32Slots = end.f32;
    this.#inputs = sizes.map((size) => new Float64Array(size));
    this.#matured = new Float64Array(horizons.length);
    this.rows = SERIES_EXPERTS.map(() => new Float64Array(horizons.length));
  }

  /** Fills `rows` for the newest row. */
  step(row: SeriesRow): void {
    const observation = this.#observation;
    const { f64, at } = row;
    const count = observation.count(f64, at);
    this.#horizons.forEach((horizon, k) => {
      this.rows[ROW.profile][k] = observation.usualChange(f64, at, horizon);
      this.rows[ROW.fixed][k] = row.output[k] * observation.scale(f64, at, k);
      const running = this.#horizons.length + k;
      this.rows[ROW.running][k] = row.output[running] * observation.scale(f64, at, running);
    });
    this.#fillInputs(row);
    const matured = this.#maturedChanges(f64, at, count);
    const units = [
      observation.unit(f64, at),
      observation.spread(f64, at),
      observation.unit(f64, at),
    ];
    this.#ridges.forEach((ridge, r) => {
      const tick = { count, x: this.#inputs[r], unit: units[r], matured };
      ridge.step(this.#placeOf(row, r), tick, this.rows[ROW.ownLags + r]);
    });
  }

  #placeOf({ f64, f32, ridgesAt, ridges32At }: SeriesRow, r: number): RidgePlace {
    const place = this.#places[r];
    return { f64, f64At: ridgesAt + place.f64, f32, f32At: ridges32At + place.f32 };
  }

  #fillInputs({ f64, at, peersAt, input }: SeriesRow): void {
    const observation = this.#observation;
    const [own, features, cross] = this.#inputs;
    this.#lags.write(observation, f64, at, own);
    for (let i = 0; i < input.length; i += 1) features[i] = input[i];
    features[input.length] = 1;
    cross.fill(0);
    cross.set(own);
    peersAt.slice(0, MOST_PEERS).forEach((peer, p) => {
      if (observation.count(f64, peer) === 0) return;
      const slot = own.length + 2 * p;
      cross[slot] = observation.standing(f64, peer);
      cross[slot + 1] = -observation.change(f64, peer) / observation.unit(f64, peer);
    });
  }

  /** From the origin that the newest row is the longest horizon after. Null where its scales have not settled, or it lies behind a break. */
  #maturedChanges(f64: Float64Array, at: number, count: number): Float64Array | null {
    const reach = Math.max(...this.#horizons);
    if (count <= reach + this.#settled + 1) return null;
    if (count - reach <= this.#observation.brokenAt(f64, at)) return null;
    const origin = this.#observation.past(f64, at, reach);
    this.#horizons.forEach((horizon, k) => {
      this.#matured[k] = this.#observation.past(f64, at, reach - horizon) - origin;
    });
    return this.#matured;
  }
}
