import type { ConnectionState } from '#shared/client/listener.ts';
import { age } from './number-text.ts';

/** After so long without a forecast the page says how old it is. */
const OLD_MS = 5_000;

export interface ConnectionFacts {
  readonly state: ConnectionState;
  /** When `state` began. */
  readonly sinceMs: number;
  readonly lastForecastMs: number | null;
  /** Whether the reader is asked for a token. */
  readonly isAsking: boolean;
  readonly nowMs: number;
}

/** Whether what is shown is what is. */
export function isLive({ state, lastForecastMs, nowMs }: ConnectionFacts): boolean {
  return state.kind === 'connected' && lastForecastMs !== null && nowMs - lastForecastMs <= OLD_MS;
}

export function connectionText(facts: ConnectionFacts): string {
  const { state, lastForecastMs, nowMs } = facts;
  const ageMs = lastForecastMs === null ? null : nowMs - lastForecastMs;
  const showing = ageMs === null ? '' : ` · showing data ${age(ageMs)} old`;
  switch (state.kind) {
    case 'connecting':
      return facts.isAsking ? 'Waiting for a token' : 'Connecting';
    case 'connected':
      if (ageMs === null) return 'Connected · waiting for forecasts';
      return ageMs > OLD_MS ? `Connected · no forecast for ${age(ageMs)}` : 'Connected · live';
    case 'reconnecting':
      return `Reconnecting${whenOrWhy(facts)}${showing}`;
    case 'closed':
      return `Disconnected${state.reason === '' ? '' : ` (${state.reason})`}${showing}`;
  }
}

/** When the next attempt is, or what it waits for. */
function whenOrWhy({ state, sinceMs, nowMs }: ConnectionFacts): string {
  if (state.retryInMs === null) return state.reason === '' ? '' : ` (${state.reason})`;
  const leftMs = sinceMs + state.retryInMs - nowMs;
  return leftMs > 500 ? ` in ${Math.ceil(leftMs / 1_000)} s` : '';
}
