import type { LiveFeed } from '../live-feed.ts';
import { wireForecast } from '../wire-forecast.ts';
import { type Answer, jsonAnswer, plainAnswer } from './answer.ts';
import type { RouteContext } from './route.ts';
import { type BarsOptions, barsOf, RESOLUTION_SECONDS, secondsOfResolution } from './udf-bars.ts';
import { readUdfName, type UdfName, udfNames } from './udf-name.ts';

const RESOLUTIONS = [...RESOLUTION_SECONDS.keys()];
const MOST_FOUND = 50;
const MOST_POINTS = 1_000;
/** In binary 0.55 is not quite 55 hundredths. */
const DIGITS = 6;

/** The data feed of TradingView's charts (UDF): prices, and each forecast as a symbol beside them. */
export function udfConfig(): Answer {
  return jsonAnswer(200, {
    supported_resolutions: RESOLUTIONS,
    symbols_types: [
      { name: 'All', value: '' },
      { name: 'Prices', value: 'price' },
      { name: 'Forecasts', value: 'forecast' },
    ],
    supports_search: true,
    supports_group_request: false,
    supports_marks: true,
    supports_timescale_marks: false,
    supports_time: true,
  });
}

/** Whole seconds since 1970, as text. */
export function udfTime(_url: URL, { nowMs }: RouteContext): Answer {
  return plainAnswer(200, `${Math.floor(nowMs() / 1_000)}`);
}

export function udfSymbol(url: URL, context: RouteContext): Answer {
  const name = seen(url, context);
  if (name === null) return udfError(404, 'no such symbol');
  const decimals = decimalsOf(context.feed, name);
  const found = listed(name);
  return jsonAnswer(200, {
    ...{ ...found, listed_exchange: found.exchange },
    name: name.text,
    session: '24x7',
    timezone: 'Etc/UTC',
    format: 'price',
    // There is no volume: it must not be drawn as zero.
    visible_plots_set: 'ohlc',
    minmov: 1,
    pricescale: 10 ** decimals,
    has_intraday: true,
    intraday_multipliers: ['1', '5', '15', '60'],
    has_seconds: true,
    seconds_multipliers: ['1', '5', '15'],
    has_daily: true,
    daily_multipliers: ['1'],
    supported_resolutions: RESOLUTIONS,
    data_status: 'streaming',
  });
}

/** `?query=`, `type=`, `exchange=` and `limit=`: symbols that contain the text, and their forecasts. */
export function udfSearch(url: URL, { feed, grant }: RouteContext): Answer {
  const wanted = (name: string) => url.searchParams.get(name) ?? '';
  const [query, type, exchange] = [
    wanted('query').toLowerCase(),
    wanted('type'),
    wanted('exchange'),
  ];
  const asked = Number(url.searchParams.get('limit') ?? MOST_FOUND);
  const limit = Number.isSafeInteger(asked) ? Math.min(Math.max(asked, 1), MOST_FOUND) : MOST_FOUND;
  const found: UdfName[] = [];
  for (const symbol of feed.rings.symbols()) {
    if (found.length >= limit) break;
    if (!grant.filter.has(symbol) || (exchange !== '' && venueOf(symbol) !== exchange)) continue;
    const names = udfNames(symbol, feed.rings.horizonTicks(symbol)).filter(
      (name) => type === '' || typeOf(name) === type,
    );
    found.push(...names.filter(({ text }) => text.toLowerCase().includes(query)));
  }
  return jsonAnswer(200, found.slice(0, limit).map(listed));
}

/** `?symbol=`, `resolution=`, `from=`, `to=` (seconds), `countback=`: open, high, low and close of what is still held. */
export function udfHistory(url: URL, context: RouteContext): Answer {
  const name = seen(url, context);
  if (name === null) return udfError(404, 'no such symbol');
  const seconds = secondsOfResolution(url.searchParams.get('resolution') ?? '');
  if (seconds === undefined) return udfError(400, `resolution must be one of ${RESOLUTIONS}`);
  const from = Number(url.searchParams.get('from') ?? 0);
  const to = Number(url.searchParams.get('to') ?? Number.MAX_SAFE_INTEGER);
  const countback = Number(url.searchParams.get('countback') ?? 0);
  if (![from, to, countback].every(Number.isFinite)) {
    return udfError(400, 'from, to and countback must be numbers');
  }
  const points = pointsOf(context.feed, name);
  return jsonAnswer(200, barsAnswer(points, { seconds, from, to, countback }));
}

/** Where there is none, a chart is told where to look next: at the newest before. */
function barsAnswer(points: readonly [number, number][], options: BarsOptions) {
  const bars = barsOf(points, options);
  if (bars.t.length > 0) return { s: 'ok', ...bars };
  const [nextTime] = barsOf(points, { ...options, countback: 1 }).t;
  return nextTime === undefined ? { s: 'no_data' } : { s: 'no_data', nextTime };
}

/** `?symbol=`, `from=`, `to=` (seconds): where another model began to speak, and where one was refused. */
export function udfMarks(url: URL, context: RouteContext): Answer {
  const name = seen(url, context);
  if (name === null) return udfError(404, 'no such symbol');
  const from = Number(url.searchParams.get('from') ?? 0);
  const to = Number(url.searchParams.get('to') ?? Number.MAX_SAFE_INTEGER);
  if (![from, to].every(Number.isFinite)) return udfError(400, 'from and to must be numbers');
  const told = context.feed.models.events.flatMap((one) =>
    one.event === 'boundary' || one.eventTimeNs === null
      ? []
      : [{ ...one, time: secondsOf(one.eventTimeNs) }],
  );
  const shown = told.filter(({ time }) => time >= from && time <= to);
  return jsonAnswer(200, {
    id: shown.map(({ id }) => id),
    time: shown.map(({ time }) => time),
    color: shown.map(({ event }) => (event === 'switched' ? 'green' : 'red')),
    text: shown.map(
      ({ id, event, reason }) => `model #${id} ${event}${reason === null ? '' : `: ${reason}`}`,
    ),
    label: shown.map(({ event }) => (event === 'switched' ? 'M' : 'R')),
    labelFontColor: shown.map(() => 'white'),
    minSize: shown.map(() => 14),
  });
}

function seen(url: URL, { feed, grant }: RouteContext): UdfName | null {
  const name = readUdfName(url.searchParams.get('symbol') ?? '');
  if (name === null || !grant.filter.has(name.symbol)) return null;
  if (feed.rings.latest(name.symbol) === null) return null;
  const names = udfNames(name.symbol, feed.rings.horizonTicks(name.symbol), name.level);
  return names.find(({ text }) => text === name.text) ?? null;
}

function listed(name: UdfName) {
  const { text, symbol, horizonTicks, level } = name;
  const what =
    level === null ? 'point forecast' : `${Number((level * 100).toPrecision(DIGITS))} % quantile`;
  const ticks = horizonTicks === 1 ? 'tick' : 'ticks';
  const description =
    horizonTicks === null ? symbol : `${symbol}, ${what} ${horizonTicks} ${ticks} ahead`;
  const names = { symbol: text, full_name: text, ticker: text };
  return { ...names, description, exchange: venueOf(symbol), type: typeOf(name) };
}

function typeOf({ horizonTicks }: UdfName): 'price' | 'forecast' {
  return horizonTicks === null ? 'price' : 'forecast';
}

/** Empty where the symbol names none. */
function venueOf(symbol: string): string {
  return symbol.includes(':') ? symbol.split(':')[0] : '';
}

/** A forecast stands at the time at which it was made. */
function pointsOf(feed: LiveFeed, { symbol, horizonTicks, level }: UdfName): [number, number][] {
  if (horizonTicks === null) {
    const { eventTimesNs, values } = feed.rings.history(symbol, MOST_POINTS);
    return values.map((value, k) => [secondsOf(eventTimesNs[k]), value]);
  }
  const at = feed.rings.levels.indexOf(level ?? Number.NaN);
  return feed.rings.recent(symbol, MOST_POINTS).flatMap((placed): [number, number][] => {
    const { eventTimeNs, horizons } = wireForecast(placed, 0);
    const horizon = horizons.find((one) => one.horizonTicks === horizonTicks);
    const value = level === null ? horizon?.point : horizon?.quantiles[at];
    return value === undefined ? [] : [[secondsOf(eventTimeNs), value]];
  });
}

function secondsOf(eventTimeNs: string): number {
  return Number(BigInt(eventTimeNs) / 1_000_000_000n);
}

/** Of the newest value; forecasts lie between prices, so they get two more. */
function decimalsOf(feed: LiveFeed, { symbol, horizonTicks }: UdfName): number {
  const { values } = feed.rings.history(symbol, 50);
  const decimals = values.map((value) => `${value}`.split('.')[1]?.length ?? 0);
  return Math.min(10, Math.max(2, ...decimals) + (horizonTicks === null ? 0 : 2));
}

function udfError(status: number, errmsg: string): Answer {
  return jsonAnswer(status, { s: 'error', errmsg });
}
