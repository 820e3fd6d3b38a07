import type { LiveFeed } from '../live-feed.ts';
import type { SymbolFilter } from '../symbol-filter.ts';
import { type Answer, jsonAnswer } from './answer.ts';
import type { RouteContext } from './route.ts';

const MOST_RANKED = 100_000;
const USUALLY_RANKED = 100;
/** More digits would be of no figure that is drawn from so few. */
const DIGITS = 6;

/** By what symbols are ranked: null where the figure is not known, or says nothing. */
const FIGURES: Readonly<
  Record<string, (feed: LiveFeed, symbol: string, horizonTicks: number) => number | null>
> = {
  forecast: ({ rings }, symbol, horizonTicks) => rings.forecastMove(symbol, horizonTicks),
  skill: ({ scores }, symbol, horizonTicks) =>
    scores.newest(symbol)?.horizons.find((one) => one.horizonTicks === horizonTicks)
      ?.skillEwmaGaussian ?? null,
};

interface Ranked {
  readonly symbol: string;
  readonly figure: number;
}

/** `?by=`, `horizonTicks=`, `limit=`: the symbols that may be seen, from the largest figure down; those without one are left out. */
export function rankingAnswer(url: URL, { feed, grant, kept }: RouteContext): Answer {
  const by = url.searchParams.get('by') ?? '';
  const horizonTicks = Number(url.searchParams.get('horizonTicks'));
  const asked = Number(url.searchParams.get('limit') ?? USUALLY_RANKED);
  if (!Object.hasOwn(FIGURES, by)) {
    return refusal(`by must be one of ${Object.keys(FIGURES).join(', ')}`);
  }
  if (!Number.isSafeInteger(horizonTicks) || horizonTicks < 1) {
    return refusal('horizonTicks must be a whole number above zero');
  }
  if (!Number.isSafeInteger(asked) || asked < 1) {
    return refusal('limit must be a whole number above zero');
  }
  const wish = { by, horizonTicks, limit: Math.min(asked, MOST_RANKED), filter: grant.filter };
  const key = `ranking ${by} ${horizonTicks} ${wish.limit} ${grant.filter.key}`;
  return kept.answer(key, () => ranking(feed, wish));
}

interface Wish {
  readonly by: string;
  readonly horizonTicks: number;
  readonly limit: number;
  readonly filter: SymbolFilter;
}

function ranking(feed: LiveFeed, { by, horizonTicks, limit, filter }: Wish): Answer {
  const ranked: Ranked[] = [];
  for (const symbol of feed.rings.symbols()) {
    const figure = filter.has(symbol) ? FIGURES[by](feed, symbol, horizonTicks) : null;
    if (figure !== null) ranked.push({ symbol, figure: Number(figure.toPrecision(DIGITS)) });
  }
  // Sorting is stable: equal figures stay in the order of their names.
  ranked.sort((a, b) => b.figure - a.figure);
  return jsonAnswer(200, { run: feed.rings.run, by, horizonTicks, ranked: ranked.slice(0, limit) });
}

function refusal(message: string): Answer {
  return jsonAnswer(400, { error: { message } });
}
