import type { SnapshotMessage, WireForecast, WireHistory } from '#shared/wire/message.ts';
import type { ForecastRings } from './forecast-rings.ts';
import type { SymbolFilter } from './symbol-filter.ts';
import { HISTORY_ORIGINS } from './symbol-history.ts';
import { wireForecast } from './wire-forecast.ts';

/** Points of history in one snapshot, over all its symbols: some 2 MB of JSON. */
const HISTORY_POINTS = 50_000;

/** The latest of every wanted symbol, and its past; many symbols get a shorter past each. */
export function snapshotOf(
  rings: ForecastRings,
  filter: SymbolFilter,
  nowMs: number,
): SnapshotMessage {
  const symbols = rings.symbols().filter((symbol) => filter.has(symbol));
  const points = Math.min(HISTORY_ORIGINS, Math.ceil(HISTORY_POINTS / Math.max(1, symbols.length)));
  const forecasts: WireForecast[] = [];
  const history: WireHistory[] = [];
  for (const symbol of symbols) {
    const latest = rings.latest(symbol);
    if (latest !== null) forecasts.push(wireForecast(latest, 0));
    history.push(rings.history(symbol, points));
  }
  return {
    type: 'snapshot',
    sentMs: nowMs,
    position: rings.position(),
    levels: rings.levels,
    forecasts,
    history,
  };
}
