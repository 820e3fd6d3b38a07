import type { LiveFeed } from './live-feed.ts';
import { wireForecast } from './wire-forecast.ts';

const MOST_FORECASTS = 1_000;

/** JSON under /v1, in raw units; null for an address that names nothing. */
export function v1Answer(feed: LiveFeed, url: URL): unknown {
  const [, , kind, ...rest] = url.pathname.split('/');
  const name = decodeName(rest.join('/'));
  if (kind === 'symbols' && name === '') return symbols(feed);
  if (kind === 'models' && name === '') {
    return { current: feed.models.currentSha(), events: feed.models.events };
  }
  if (kind === 'forecasts' && name !== '') return forecasts(feed, name, url.searchParams);
  return null;
}

function symbols(feed: LiveFeed): unknown {
  const { rings } = feed;
  return {
    run: rings.run,
    position: rings.position(),
    symbols: rings.symbols().map((symbol) => {
      const latest = rings.latest(symbol);
      return {
        symbol,
        partition: latest?.partition,
        origin: latest?.forecast.origin,
        isWarming: latest?.forecast.isWarming,
        value: latest?.forecast.originValue,
        tick: feed.ticks.newest(symbol),
        score: withoutTrail(feed.scores.newest(symbol)),
      };
    }),
  };
}

function withoutTrail(score: ReturnType<LiveFeed['scores']['newest']>): unknown {
  if (score === null) return null;
  return { ...score, horizons: score.horizons.map(({ trail: _trail, ...rest }) => rest) };
}

/** `?history=N`: the newest N that are still held, oldest first; 1 unless said otherwise. */
function forecasts(feed: LiveFeed, symbol: string, query: URLSearchParams): unknown {
  const asked = Number(query.get('history') ?? 1);
  const count = Number.isSafeInteger(asked) ? Math.min(Math.max(asked, 1), MOST_FORECASTS) : 1;
  const recent = feed.rings.recent(symbol, count);
  if (recent.length === 0) return null;
  return {
    symbol,
    run: feed.rings.run,
    levels: feed.rings.levels,
    forecasts: recent.map((placed) => wireForecast(placed, 0)),
  };
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
