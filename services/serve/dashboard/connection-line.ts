import type { ConnectionState } from '#shared/client/listener.ts';
import { setText } from './element.ts';
import { age } from './number-text.ts';

/** After so long without a forecast the page says how old it is. */
const OLD_MS = 5_000;

export interface ConnectionFacts {
  readonly state: ConnectionState;
  /** When `state` began. */
  readonly sinceMs: number;
  readonly lastForecastMs: number | null;
  readonly nowMs: number;
}

/** Says plainly whether what is shown is live. */
export function showConnection(line: HTMLElement, facts: ConnectionFacts): void {
  const isOld = facts.lastForecastMs === null || facts.nowMs - facts.lastForecastMs > OLD_MS;
  const isLive = facts.state.kind === 'connected' && !isOld;
  line.dataset['state'] = facts.state.kind;
  line.dataset['live'] = `${isLive}`;
  document.documentElement.dataset['stale'] = `${!isLive && facts.lastForecastMs !== null}`;
  setText(line.lastElementChild as Element, connectionText(facts));
}

export function connectionText(facts: ConnectionFacts): string {
  const { state, lastForecastMs, nowMs } = facts;
  const ageMs = lastForecastMs === null ? null : nowMs - lastForecastMs;
  const showing = ageMs === null ? '' : ` · showing data ${age(ageMs)} old`;
  switch (state.kind) {
    case 'connecting':
      return 'Connecting';
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
