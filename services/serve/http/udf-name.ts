/**
 * How a chart names what it shows: `SIM:ALPHA` is the price, `SIM:ALPHA~10` the point forecast ten ticks ahead,
 * `SIM:ALPHA~10~0.9` its 90 % quantile. `~` stands in no symbol.
 */
export interface UdfName {
  readonly text: string;
  readonly symbol: string;
  /** Null: the price itself. */
  readonly horizonTicks: number | null;
  /** Null: the point forecast. */
  readonly level: number | null;
}

/** Null for what cannot be a name. */
export function readUdfName(text: string): UdfName | null {
  const [symbol, horizon, level, ...rest] = text.split('~');
  if (symbol === '' || rest.length > 0) return null;
  const horizonTicks = horizon === undefined ? null : Number(horizon);
  const quantile = level === undefined ? null : Number(level);
  if (horizonTicks !== null && !Number.isSafeInteger(horizonTicks)) return null;
  if (quantile !== null && !Number.isFinite(quantile)) return null;
  return { text, symbol, horizonTicks, level: quantile };
}

/** The price and the point forecasts of a symbol; with a level its quantile at each horizon, too. */
export function udfNames(
  symbol: string,
  horizons: readonly number[],
  level: number | null = null,
): UdfName[] {
  const names: UdfName[] = [{ text: symbol, symbol, horizonTicks: null, level: null }];
  for (const horizonTicks of horizons) {
    names.push({ text: `${symbol}~${horizonTicks}`, symbol, horizonTicks, level: null });
    if (level !== null) {
      names.push({ text: `${symbol}~${horizonTicks}~${level}`, symbol, horizonTicks, level });
    }
  }
  return names;
}
