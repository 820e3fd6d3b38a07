import type { ConnectionState } from '#shared/client/listener.ts';
import { age } from './number-text.ts';

/** After so long without a forecast the page says how old it is. */
const OLD_MS = 5_000;

export interface ConnectionFacts {
  readonly state: ConnectionState;
  /** When `state` began. */
  readonly sinceMs: number;
  /** Null where it is not known when the newest was made. */
  readonly lastForecastMs: number | null;
  /** Whether forecasts are shown. */
  readonly isHolding: boolean;
  /** Whether the reader is asked for a token. */
  readonly isAsking: boolean;
  readonly nowMs: number;
}

/** Whether what is shown is what is. */
export function isLive({ state, lastForecastMs, nowMs }: ConnectionFacts): boolean {
  return state.kind === 'connected' && lastForecastMs !== null && nowMs - lastForecastMs <= OLD_MS;
}

export function connectionText(facts: ConnectionFacts): string {
  const { state, isAsking } = facts;
  switch (state.kind) {
    case 'connecting':
      return isAsking ? 'Waiting for a token' : 'Connecting';
    case 'connected':
      return `Connected · ${whatComes(facts)}`;
    case 'reconnecting':
      return `Reconnecting${whenOrWhy(facts)}${whatIsShown(facts)}`;
    case 'closed':
      return `Disconnected${state.reason === '' ? '' : ` (${state.reason})`}${whatIsShown(facts)}`;
  }
}

/** The same without the seconds that pass: it changes when the state does. */
export function stateText(facts: ConnectionFacts): string {
  const { state, lastForecastMs, isHolding } = facts;
  if (state.kind === 'connecting' || state.kind === 'connected') {
    const isOld = isHolding && lastForecastMs !== null && !isLive(facts);
    return state.kind === 'connected' && isOld
      ? 'Connected · no new forecasts'
      : connectionText(facts);
  }
  const why = state.retryInMs === null && state.reason !== '' ? ` (${state.reason})` : '';
  const name = state.kind === 'closed' ? 'Disconnected' : 'Reconnecting';
  return `${name}${why}${isHolding ? ' · showing old data' : ''}`;
}

function whatComes({ isHolding, lastForecastMs, nowMs }: ConnectionFacts): string {
  if (!isHolding) return 'waiting for forecasts';
  if (lastForecastMs === null) return 'showing forecasts from before the server started';
  const ageMs = nowMs - lastForecastMs;
  return ageMs > OLD_MS ? `no forecast for ${age(ageMs)}` : 'live';
}

function whatIsShown({ isHolding, lastForecastMs, nowMs }: ConnectionFacts): string {
  if (!isHolding) return '';
  return ` · showing ${lastForecastMs === null ? 'old data' : `data ${age(nowMs - lastForecastMs)} old`}`;
}

/** When the next attempt is, or what it waits for. */
function whenOrWhy({ state, sinceMs, nowMs }: ConnectionFacts): string {
  if (state.retryInMs === null) return state.reason === '' ? '' : ` (${state.reason})`;
  const leftMs = sinceMs + state.retryInMs - nowMs;
  return leftMs > 500 ? ` in ${Math.ceil(leftMs / 1_000)} s` : '';
}
