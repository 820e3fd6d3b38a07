import { ewmaRate, ewmaStep } from '#shared/features/ewma.ts';
import { normalQuantile } from '#shared/numeric/normal-quantile.ts';
import { BernsteinWeights } from './bernstein-weights.ts';
import { FilteredHistory } from './filtered-history.ts';
import { IssuedRing } from './issued-ring.ts';

/** Who can speak in a forecast of ticks, in the order of their weights. */
export const TICK_EXPERTS = ['network', 'ewma-gaussian', 'filtered-history'] as const;

export type TickExpert = (typeof TICK_EXPERTS)[number];

const SLOW_RATE = ewmaRate(5000);
/** What the network counts beside others before anything is known of a symbol: it has learnt from all of them. */
const NETWORK_PRIOR = 0.8;

/** A forecast of one horizon whose target is known. */
export interface MaturedMix {
  /** The h-change that is now known, offset units. */
  readonly happened: number;
  readonly tie: number;
  /** Number of its origin among the symbol's forecast events, from 1. */
  readonly origin: number;
  /** Whether a mix was issued there that may be learnt from. */
  readonly isScored: boolean;
}

/** Where the state of one symbol lies: float64 slots of the experts and weights, float32 slots of what they have issued. */
export interface ExpertPlace {
  readonly f64: Float64Array;
  readonly f64At: number;
  readonly f32: Float32Array;
  readonly f32At: number;
}

interface HorizonExperts {
  readonly horizonTicks: number;
  readonly historyAt: number;
  readonly weightsAt: number;
  readonly issuedAt: number;
  readonly history: FilteredHistory;
  readonly weights: BernsteinWeights;
  readonly issued: IssuedRing;
}

/**
 * The experts beside the network and the weights of all of them, for each horizon of one symbol: what the network and the
 * EWMA-Gaussian say is handed in, filtered history lives here, and the mix of them comes out. Only truth that has arrived is learnt
 * from.
 */
export class TickExperts {
  readonly f64Slots: number;
  readonly f32Slots: number;
  readonly #levels: readonly number[];
  /** First number of each expert's quantiles among the rows; negative for one who does not speak. */
  readonly #rowAt: Readonly<Record<TickExpert, number>>;
  readonly #horizons: readonly HorizonExperts[];
  readonly #normal: Float64Array;
  readonly #rows: Float64Array;
  readonly #mix: { readonly mixed: Float64Array; readonly shares: Float64Array };
  /** Filled anew at every use. */
  readonly #issued = { rows: new Float32Array(0), at: 0 } as { rows: Float32Array; at: number };
  readonly #outcome = { happened: 0, tie: 0, turn: 0 };

  /** @param speakers at least one, in the order of `TICK_EXPERTS` */
  constructor(
    horizons: readonly number[],
    levels: readonly number[],
    speakers: readonly TickExpert[] = TICK_EXPERTS,
  ) {
    this.#levels = levels;
    const rowAt = TICK_EXPERTS.map((name) => [name, speakers.indexOf(name) * levels.length]);
    this.#rowAt = Object.fromEntries(rowAt);
    this.#normal = Float64Array.from(levels, normalQuantile);
    this.#rows = new Float64Array(speakers.length * levels.length);
    this.#mix = {
      mixed: new Float64Array(levels.length),
      shares: new Float64Array(speakers.length),
    };
    let f64 = 1;
    let f32 = 0;
    this.#horizons = horizons.map((horizonTicks) => {
      const issued = new IssuedRing(horizonTicks, (speakers.length + 1) * levels.length);
      const overlap = Math.max(1, horizonTicks / issued.stride);
      const weights = new BernsteinWeights({ levels, prior: priorOf(speakers), overlap });
      const history = new FilteredHistory(horizonTicks, levels, this.#normal);
      const historyAt = f64;
      const weightsAt = historyAt + history.slots;
      f64 = weightsAt + weights.slots;
      const issuedAt = f32;
      f32 += issued.slots;
      return { horizonTicks, historyAt, weightsAt, issuedAt, history, weights, issued };
    });
    this.f64Slots = f64;
    this.f32Slots = f32;
  }

  /** Before anything that this event matures. @param count forecast events with this one */
  observeChange(state: Float64Array, at: number, change: number, count: number): void {
    state[at] = ewmaStep(state[at], change * change, SLOW_RATE, count);
  }

  /** Forgets all, as nothing of it is of the present size of changes. @param variance of one event from now on */
  restart(state: Float64Array, at: number, variance: number): void {
    state.fill(0, at, at + this.f64Slots);
    state[at] = variance;
  }

  mature(state: ExpertPlace, k: number, matured: MaturedMix): void {
    const { f64, f64At, f32, f32At } = state;
    const { happened, origin } = matured;
    const { historyAt, weightsAt, issuedAt, history, weights, issued } = this.#horizons[k];
    const scale = this.#scale(f64, f64At, k);
    const scaled = scale > 0 ? happened / scale : 0;
    history.learn(f64, f64At + historyAt, scaled);
    if (!matured.isScored || !issued.keeps(origin)) return;
    this.#issued.rows = f32;
    this.#issued.at = issued.entryAt(f32At + issuedAt, origin);
    this.#outcome.happened = happened;
    this.#outcome.tie = matured.tie;
    // Not the origin itself: strides and turns may share a factor, and some levels would never have theirs.
    this.#outcome.turn = origin / issued.stride;
    weights.learn(f64, f64At + weightsAt, this.#issued, this.#outcome);
  }

  /**
   * Replaces the network's quantiles of a horizon by the mix.
   *
   * @param quantiles the network's, never decreasing, from `at`
   * @param sigma     of the EWMA-Gaussian
   * @param origin    number of this event, from 1
   */
  mix(state: ExpertPlace, k: number, { quantiles, at, sigma, origin }: Spoken): void {
    const { f64, f64At, f32, f32At } = state;
    const { historyAt, weightsAt, issuedAt, history, weights, issued } = this.#horizons[k];
    const L = this.#levels.length;
    const rows = this.#rows;
    const normal = this.#normal;
    const rowAt = this.#rowAt;
    const networkRow = rowAt.network;
    const gaussianRow = rowAt['ewma-gaussian'];
    const historyRow = rowAt['filtered-history'];
    for (let l = 0; l < L; l += 1) {
      if (networkRow >= 0) rows[networkRow + l] = quantiles[at + l];
      if (gaussianRow >= 0) rows[gaussianRow + l] = sigma * normal[l];
    }
    const scale = this.#scale(f64, f64At, k);
    if (historyRow >= 0) history.quantiles(f64, f64At + historyAt, scale, rows, historyRow);
    weights.mix(f64, f64At + weightsAt, rows, this.#mix);
    const { mixed } = this.#mix;
    for (let l = 0; l < L; l += 1) quantiles[at + l] = mixed[l];
    if (!issued.keeps(origin)) return;
    const entry = issued.entryAt(f32At + issuedAt, origin);
    // By hand: `set` between arrays of two kinds takes three times as long.
    for (let k = 0; k < rows.length; k += 1) f32[entry + k] = rows[k];
    for (let l = 0; l < L; l += 1) f32[entry + rows.length + l] = mixed[l];
  }

  /** Weight of each expert in the newest mix, mean over the levels, in 255ths. */
  writeShares(into: Uint8Array): void {
    const { shares } = this.#mix;
    for (let j = 0; j < shares.length; j += 1) into[j] = Math.round(255 * shares[j]);
  }

  /** Standard deviation of an h-change by a slow EWMA. */
  #scale(state: Float64Array, at: number, k: number): number {
    return Math.sqrt(this.#horizons[k].horizonTicks * state[at]);
  }
}

function priorOf(speakers: readonly TickExpert[]): readonly number[] {
  const others = speakers.length - 1;
  if (others === 0 || !speakers.includes('network')) return speakers.map(() => 1 / speakers.length);
  return speakers.map((name) =>
    name === 'network' ? NETWORK_PRIOR : (1 - NETWORK_PRIOR) / others,
  );
}

/** What the experts outside say at an origin. */
export interface Spoken {
  readonly quantiles: Float32Array;
  readonly at: number;
  readonly sigma: number;
  readonly origin: number;
}
