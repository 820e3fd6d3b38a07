import type { WireForecast, WireHorizon } from '#shared/wire/message.ts';
import type { Interruption, Outlook, PastPoint } from './outlook.ts';

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

/** Another model spoke from this tick on. */
export interface ModelSwitch {
  readonly x: number;
  readonly sha: string;
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
  readonly switches: readonly ModelSwitch[];
  readonly interruptions: readonly Interruption[];
}

export interface ChartWish {
  readonly levels: readonly number[];
  /** The forecast whose bands lie over the past. */
  readonly horizonTicks: number;
  /** How much of the past is drawn; null: what suits the horizons. */
  readonly spanTicks: number | null;
}

const LEAST_PAST = 60;
const MOST_PAST = 320;
/** Steps of the fan between two horizons. */
const FAN_STEPS = 8;

/** What the chart shows of a symbol: no pixel yet, so that it can be tested. */
export function chartGeometry(outlook: Outlook, wish: ChartWish): ChartGeometry {
  const { latest } = outlook;
  const { levels, horizonTicks } = wish;
  const now = latest.origin;
  const furthest = latest.horizons.at(-1)?.horizonTicks ?? 1;
  const span = wish.spanTicks ?? usualSpan(furthest);
  const past = pastSince(outlook.past, now - span);
  const said = saidBefore(outlook, horizonTicks, now - span);
  const before = INTERVALS.map(({ lower }) => bandOf(said, levelPair(levels, lower)));
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
    ...{ past, point, fan, before },
    misses: missesOf(past, before[0]),
    switches: switchesOf(outlook, now - span),
    interruptions: outlook.interruptions.filter(({ until }) => until > now - span),
  };
}

/** Enough of the past to judge the fan by, at a third of the width where that is not too little. */
export function usualSpan(furthestTicks: number): number {
  return Math.min(MOST_PAST, Math.max(LEAST_PAST, 2 * furthestTicks));
}

function pastSince(past: readonly PastPoint[], from: number): ChartGeometry['past'] {
  let first = past.length;
  while (first > 0 && past[first - 1].origin >= from) first -= 1;
  return past
    .slice(first)
    .map(({ origin, value, eventTimeNs }) => ({ x: origin, y: value, eventTimeNs }));
}

/** Where the model of a forecast differs from that of the one before. */
function switchesOf({ forecasts }: Outlook, from: number): ModelSwitch[] {
  const switches: ModelSwitch[] = [];
  let current: string | null = null;
  for (const [x, { modelSha: sha }] of forecasts) {
    if (current !== null && sha !== current && x > from) switches.push({ x, sha });
    current = sha;
  }
  return switches;
}

/** Where the central interval with this lower level stands among the quantiles. */
export function levelPair(levels: readonly number[], lower: number): readonly [number, number] {
  const nearest = (wanted: number) => {
    let best = 0;
    levels.forEach((level, k) => {
      if (Math.abs(level - wanted) < Math.abs(levels[best] - wanted)) best = k;
    });
    return best;
  };
  return [nearest(lower), nearest(1 - lower)];
}

interface Said {
  readonly x: number;
  readonly horizon: WireHorizon;
}

/** What was said of each tick `horizonTicks` before it came. */
function saidBefore({ forecasts, latest }: Outlook, horizonTicks: number, from: number): Said[] {
  const at = latest.horizons.findIndex((one) => one.horizonTicks === horizonTicks);
  const said: Said[] = [];
  for (const [origin, { horizons }] of forecasts) {
    const x = origin + horizonTicks;
    const horizon = horizons[at];
    if (x >= from && x <= latest.origin && horizon?.horizonTicks === horizonTicks) {
      said.push({ x, horizon });
    }
  }
  return said;
}

function bandOf(said: readonly Said[], [low, high]: readonly [number, number]): BandPoint[] {
  return said.map(({ x, horizon: { quantiles } }) => ({
    x,
    low: quantiles[low],
    high: quantiles[high],
  }));
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
