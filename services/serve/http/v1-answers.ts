import type { WireScore } from '#shared/wire/message.ts';
import type { LiveFeed } from '../live-feed.ts';
import type { SymbolFilter } from '../symbol-filter.ts';
import { wireForecast } from '../wire-forecast.ts';
import { type Answer, jsonAnswer, nothingAt } from './answer.ts';
import type { RouteContext } from './route.ts';

const MOST_FORECASTS = 1_000;

/** Every symbol that may be seen: newest value, tick, rolling score. In raw units, as all under /v1. */
export function symbolsAnswer({ feed, grant, kept }: RouteContext): Answer {
  return kept.answer(`symbols ${grant.filter.key}`, () => symbols(feed, grant.filter));
}

function symbols(feed: LiveFeed, filter: SymbolFilter): Answer {
  const { rings } = feed;
  const seen = rings.symbols().filter((symbol) => filter.has(symbol));
  return jsonAnswer(200, {
    run: rings.run,
    position: rings.position(),
    symbols: seen.map((symbol) => symbolFacts(feed, symbol)),
  });
}

export function modelsAnswer({ feed }: RouteContext): Answer {
  return jsonAnswer(200, { current: feed.models.currentSha(), events: feed.models.events });
}

/** `?history=N`: the newest N that are still held, at most a thousand, oldest first; 1 unless said otherwise. */
export function forecastsAnswer(url: URL, { feed, grant }: RouteContext): Answer {
  const asked = Number(url.searchParams.get('history') ?? 1);
  if (!Number.isSafeInteger(asked) || asked < 1) {
    return jsonAnswer(400, { error: { message: 'history must be a whole number above zero' } });
  }
  const symbol = decodeName(url.pathname.slice('/v1/forecasts/'.length));
  if (!grant.filter.has(symbol)) return nothingAt(url.pathname);
  const recent = feed.rings.recent(symbol, Math.min(asked, MOST_FORECASTS));
  if (recent.length === 0) return nothingAt(url.pathname);
  return jsonAnswer(200, {
    symbol,
    run: feed.rings.run,
    levels: feed.rings.levels,
    forecasts: recent.map((placed) => wireForecast(placed, 0)),
  });
}

function symbolFacts(feed: LiveFeed, symbol: string): unknown {
  const latest = feed.rings.latest(symbol);
  return {
    symbol,
    partition: latest?.partition,
    origin: latest?.origin,
    isWarming: latest?.isWarming,
    value: latest?.originValue,
    tick: feed.ticks.newest(symbol),
    score: withoutTrail(feed.scores.newest(symbol)),
  };
}

function withoutTrail(score: WireScore | null): unknown {
  if (score === null) return null;
  return { ...score, horizons: score.horizons.map(({ trail: _trail, ...rest }) => rest) };
}

function decodeName(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    // A malformed escape names no symbol.
    if (error instanceof URIError) return '';
    throw error;
  }
}
