import type { WireForecast, WireHorizon } from '#shared/wire/message.ts';
import type { SymbolView } from './board.ts';

/** Central intervals that are drawn, widest first: their lower levels. */
export const INTERVALS = [
  { name: '95', lower: 0.025 },
  { name: '80', lower: 0.1 },
  { name: '50', lower: 0.25 },
] as const;

/** A band as pairs at rising x; x in ticks (origins). */
export interface BandPoint {
  readonly x: number;
  readonly low: number;
  readonly high: number;
}

export interface ChartGeometry {
  readonly now: number;
  readonly xMin: number;
  readonly xMax: number;
  readonly yMin: number;
  readonly yMax: number;
  readonly past: readonly {
    readonly x: number;
    readonly y: number;
    readonly eventTimeNs: string;
  }[];
  /** The point forecast from now on, one per horizon, after the newest value. */
  readonly point: readonly { readonly x: number; readonly y: number }[];
  /** By interval, widest first: from now to the right. */
  readonly fan: readonly (readonly BandPoint[])[];
  /** By interval, widest first: what was forecast `horizonTicks` before. */
  readonly before: readonly (readonly BandPoint[])[];
  /** Values outside the widest band that was forecast for them. */
  readonly misses: readonly { readonly x: number; readonly y: number }[];
}

const LEAST_PAST = 60;
const MOST_PAST = 320;
/** Steps of the fan between two horizons. */
const FAN_STEPS = 8;

/** What the chart shows of a symbol: no pixel yet, so that it can be tested. */
export function chartGeometry(
  view: SymbolView,
  levels: readonly number[],
  horizonTicks: number,
): ChartGeometry {
  const { latest } = view;
  const now = latest.origin;
  const furthest = latest.horizons.at(-1)?.horizonTicks ?? 1;
  const span = Math.min(MOST_PAST, Math.max(LEAST_PAST, 2 * furthest));
  const past = view.past
    .filter(({ origin }) => origin >= now - span)
    .map(({ origin, value, eventTimeNs }) => ({ x: origin, y: value, eventTimeNs }));
  const before = INTERVALS.map(({ lower }) =>
    bandBefore(view, levelPair(levels, lower), horizonTicks, now - span),
  );
  const fan = INTERVALS.map(({ lower }) => fanBand(latest, levelPair(levels, lower)));
  const point = [
    { x: now, y: latest.originValue },
    ...latest.horizons.map((h) => ({ x: now + h.horizonTicks, y: h.point })),
  ];
  return {
    now,
    xMin: now - span,
    xMax: now + furthest * 1.03,
    ...extent(past, fan[0], before[0]),
    past,
    point,
    fan,
    before,
    misses: missesOf(past, before[0]),
  };
}

function levelPair(levels: readonly number[], lower: number): readonly [number, number] {
  const nearest = (wanted: number) => {
    let best = 0;
    levels.forEach((level, k) => {
      if (Math.abs(level - wanted) < Math.abs(levels[best] - wanted)) best = k;
    });
    return best;
  };
  return [nearest(lower), nearest(1 - lower)];
}

/** What was said of a tick `horizonTicks` before it came. */
function bandBefore(
  view: SymbolView,
  [low, high]: readonly [number, number],
  horizonTicks: number,
  from: number,
): BandPoint[] {
  const band: BandPoint[] = [];
  for (const [origin, { horizons }] of view.forecasts) {
    const x = origin + horizonTicks;
    if (x < from || x > view.latest.origin) continue;
    const horizon = horizons.find((one) => one.horizonTicks === horizonTicks);
    if (horizon === undefined) continue;
    band.push({ x, low: horizon.quantiles[low], high: horizon.quantiles[high] });
  }
  return band;
}

/**
 * From the newest value outwards. Between two horizons a quantile is drawn along the square root of the ticks, as the spread of
 * a random walk grows: a drawing, not a forecast.
 */
function fanBand(
  { origin, originValue, horizons }: WireForecast,
  [low, high]: readonly [number, number],
): BandPoint[] {
  const band: BandPoint[] = [{ x: origin, low: originValue, high: originValue }];
  let left: WireHorizon | null = null;
  for (const right of horizons) {
    const from = left?.horizonTicks ?? 0;
    const before = left?.quantiles ?? right.quantiles.map(() => originValue);
    const steps = Math.min(FAN_STEPS, right.horizonTicks - from);
    for (let step = 1; step <= steps; step += 1) {
      const at = from + ((right.horizonTicks - from) * step) / steps;
      const share = rootShare(from, right.horizonTicks, at);
      band.push({
        x: origin + at,
        low: before[low] + share * (right.quantiles[low] - before[low]),
        high: before[high] + share * (right.quantiles[high] - before[high]),
      });
    }
    left = right;
  }
  return band;
}

function rootShare(from: number, to: number, at: number): number {
  return (Math.sqrt(at) - Math.sqrt(from)) / (Math.sqrt(to) - Math.sqrt(from));
}

function missesOf(
  past: ChartGeometry['past'],
  band: readonly BandPoint[],
): { x: number; y: number }[] {
  const bands = new Map(band.map((one) => [one.x, one]));
  return past.filter(({ x, y }) => {
    const said = bands.get(x);
    return said !== undefined && (y < said.low || y > said.high);
  });
}

function extent(
  past: ChartGeometry['past'],
  ...bands: readonly (readonly BandPoint[])[]
): { yMin: number; yMax: number } {
  let yMin = Number.POSITIVE_INFINITY;
  let yMax = Number.NEGATIVE_INFINITY;
  const take = (low: number, high: number) => {
    yMin = Math.min(yMin, low);
    yMax = Math.max(yMax, high);
  };
  for (const { y } of past) take(y, y);
  for (const band of bands) for (const { low, high } of band) take(low, high);
  const margin = (yMax - yMin) * 0.04 || Math.abs(yMax) * 1e-4 || 1;
  return { yMin: yMin - margin, yMax: yMax + margin };
}
