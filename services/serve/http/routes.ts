import { nothingAt, plainAnswer } from './answer.ts';
import { rankingAnswer } from './ranking-answer.ts';
import type { Route } from './route.ts';
import { udfConfig, udfHistory, udfMarks, udfSearch, udfSymbol, udfTime } from './udf-answers.ts';
import { forecastsAnswer, modelsAnswer, symbolsAnswer } from './v1-answers.ts';

/** Every address but the dashboard's files, which hold no figures. The OpenAPI file is held against this list. */
export const ROUTES: readonly Route[] = [
  { path: '/healthz', isOpen: true, answer: () => plainAnswer(200, 'ok') },
  {
    path: '/readyz',
    isOpen: true,
    answer: (_url, { isReady }) =>
      isReady() ? plainAnswer(200, 'ready') : plainAnswer(503, 'no forecasts yet'),
  },
  {
    path: '/metrics',
    isOpen: false,
    answer: async (_url, { metricsText }) => {
      const contentType = 'text/plain; version=0.0.4; charset=utf-8';
      return { status: 200, contentType, body: await metricsText() };
    },
  },
  { path: '/v1/symbols', isOpen: false, answer: (_url, context) => symbolsAnswer(context) },
  { path: '/v1/ranking', isOpen: false, answer: rankingAnswer },
  { path: '/v1/models', isOpen: false, answer: (_url, context) => modelsAnswer(context) },
  { path: '/v1/forecasts/{symbol}', isOpen: false, answer: forecastsAnswer },
  { path: '/udf/config', isOpen: false, answer: udfConfig },
  { path: '/udf/time', isOpen: false, answer: udfTime },
  { path: '/udf/symbols', isOpen: false, answer: udfSymbol },
  { path: '/udf/search', isOpen: false, answer: udfSearch },
  { path: '/udf/history', isOpen: false, answer: udfHistory },
  { path: '/udf/marks', isOpen: false, answer: udfMarks },
];

/** Under these nothing but routes is found, so that every address asks for a token. */
const CLOSED = ['/v1/', '/udf/'];
const NOTHING: Route = { path: '', isOpen: false, answer: ({ pathname }) => nothingAt(pathname) };

/** Null for what may be a file of the dashboard. */
export function routeOf(pathname: string): Route | null {
  const found = ROUTES.find(({ path }) => {
    const [before, name] = path.split('{');
    return name === undefined ? pathname === path : pathname.startsWith(before);
  });
  if (found !== undefined) return found;
  return CLOSED.some((prefix) => pathname.startsWith(prefix)) ? NOTHING : null;
}
