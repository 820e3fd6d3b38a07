import type { Forecast } from '#shared/forecast/forecast.ts';
import type { WireRealisedScore, WireScore } from '#shared/wire/message.ts';

/** A score as forecasts carry it; its text is made once for all of them. */
export interface CarriedScore {
  readonly wire: WireRealisedScore;
  readonly json: string;
}

interface Scored {
  /** Offset of the tick that completed it. */
  readonly src: bigint;
  readonly score: WireScore;
  carried: CarriedScore | null;
}

/** The newest of a symbol and the one before: a score may come in ahead of the forecasts that it was made beside. */
interface Newest {
  readonly last: Scored;
  readonly before: Scored | null;
}

/** What each forecast carries of its symbol's record so far: never a score that knows more than the forecast did. */
export class RealisedScores {
  readonly #symbols = new Map<string, Newest>();

  /** `src` of the tick that completed the score; rising for each symbol. */
  take(src: bigint, score: WireScore): void {
    const before = this.#symbols.get(score.symbol)?.last ?? null;
    this.#symbols.set(score.symbol, { last: { src, score, carried: null }, before });
  }

  /** Null where none is known from before the forecast. */
  at(src: bigint, forecast: Forecast): CarriedScore | null {
    const newest = this.#symbols.get(forecast.symbol);
    if (newest === undefined) return null;
    const known = newest.last.src <= src ? newest.last : newest.before;
    if (known === null || known.src > src) return null;
    known.carried ??= carriedScore(known.score, forecast);
    return known.carried;
  }
}

/** A run has the same horizons throughout, so that the first forecast's stand for all. */
function carriedScore({ eventTimeNs, horizons }: WireScore, forecast: Forecast): CarriedScore {
  const matured = forecast.horizons.map(
    ({ horizonTicks }) => horizons.find((one) => one.horizonTicks === horizonTicks) ?? null,
  );
  const wire = {
    eventTimeNs,
    crps: matured.map((one) => digits(one?.crps)),
    skillEwmaGaussian: matured.map((one) => digits(one?.skillEwmaGaussian)),
    coverage80: matured.map((one) => digits(one?.coverage[1])),
  };
  return { wire, json: JSON.stringify(wire) };
}

/** Four digits: a mean over 2,000 origins says no more. */
function digits(value: number | null | undefined): number | null {
  return typeof value === 'number' ? Number(value.toPrecision(4)) : null;
}
