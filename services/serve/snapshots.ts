import type { SnapshotMessage, WireHistory } from '#shared/wire/message.ts';
import type { ForecastRings } from './forecast-rings.ts';
import { type Encoding, frameOf } from './message-encoding.ts';
import type { SymbolFilter } from './symbol-filter.ts';
import { HISTORY_ORIGINS } from './symbol-history.ts';
import { forecastJson, type PlacedForecast, wireForecast } from './wire-forecast.ts';
import { DEFLATE_FROM_SHARES, WireFrame } from './wire-frame.ts';

/** Points of history in one snapshot, over all its symbols: some 2 MB of JSON. */
const HISTORY_POINTS = 50_000;
/**
 * A snapshot is the largest that a client gets at once, so up to here it is deflated for one, too, where he asks for it: at some 7 ns
 * a byte the event loop waits for 30 ms at most.
 */
const MOST_DEFLATED = 4_194_304;
/** A few: each may have megabytes, and who asks for symbols of his own shares with nobody. */
const MOST_KEPT = 4;

/**
 * The latest of every wanted symbol, and its past; many symbols get a shorter past each. Made once for all who want the same at
 * the same moment, as all do when a gateway comes back.
 */
export class Snapshots {
  readonly #rings: ForecastRings;
  readonly #made = new Map<string, WireFrame>();
  #takenCount = 0;

  constructor(rings: ForecastRings) {
    this.#rings = rings;
  }

  frame(filter: SymbolFilter, encoding: Encoding, nowMs: number): WireFrame {
    if (this.#takenCount !== this.#rings.takenCount) this.forget();
    this.#takenCount = this.#rings.takenCount;
    const key = `${encoding} ${filter.key}`;
    const known = this.#made.get(key);
    if (known !== undefined) return known;
    if (this.#made.size === MOST_KEPT) this.forget();
    const made = snapshotFrame(this.#rings, filter, encoding, nowMs);
    this.#made.set(key, made);
    return made;
  }

  /** Called often, so that no snapshot is sent long after it was made, and none is kept for nobody. */
  forget(): void {
    this.#made.clear();
  }
}

interface Contents {
  readonly forecasts: readonly PlacedForecast[];
  readonly history: readonly WireHistory[];
}

function snapshotFrame(
  rings: ForecastRings,
  filter: SymbolFilter,
  encoding: Encoding,
  nowMs: number,
): WireFrame {
  const { forecasts, history } = contentsOf(rings, filter);
  const head = {
    type: 'snapshot',
    sentMs: nowMs,
    position: rings.position(),
    levels: rings.levels,
  } as const;
  if (encoding === 'json') return jsonFrame(head, { forecasts, history });
  const wire = forecasts.map((placed) => wireForecast(placed, 0));
  return frameOf({ ...head, forecasts: wire, history }, encoding);
}

function contentsOf(rings: ForecastRings, filter: SymbolFilter): Contents {
  const symbols = rings.symbols().filter((symbol) => filter.has(symbol));
  const points = Math.min(HISTORY_ORIGINS, Math.ceil(HISTORY_POINTS / Math.max(1, symbols.length)));
  return {
    forecasts: symbols.flatMap((symbol) => rings.latest(symbol) ?? []),
    history: symbols.map((symbol) => rings.history(symbol, points)),
  };
}

const COMMA = Buffer.from(',');

/** Put together from the bytes of its forecasts, as an update is. */
function jsonFrame(
  head: Omit<SnapshotMessage, 'forecasts' | 'history'>,
  { forecasts, history }: Contents,
): WireFrame {
  const pieces: Uint8Array[] = [];
  for (const placed of forecasts) {
    if (pieces.length > 0) pieces.push(COMMA);
    pieces.push(forecastJson(placed, 0));
  }
  const before = Buffer.from(`${JSON.stringify(head).slice(0, -1)},"forecasts":[`);
  const behind = Buffer.from(`],"history":${JSON.stringify(history)}}`);
  const whole = [before, ...pieces, behind];
  const bytes = whole.reduce((sum, { length }) => sum + length, 0);
  // Of two at least: a frame of one is put together in memory that the next one uses.
  return new WireFrame(whole, 'text', bytes > MOST_DEFLATED ? 2 : DEFLATE_FROM_SHARES);
}
