import { ALL_SYMBOLS } from '#shared/wire/request.ts';

/** Which symbols a subscription wants, or a token allows. Equal filters have equal keys, so that their frames are made once. */
export interface SymbolFilter {
  readonly key: string;
  /** All that it can ever have; null where a pattern stands for symbols that are not known yet. */
  readonly names: ReadonlySet<string> | null;
  has(symbol: string): boolean;
}

const EVERY: SymbolFilter = { key: ALL_SYMBOLS, names: null, has: () => true };

/** Of names and patterns; a `*` in a pattern stands for any text, of any length. */
export function symbolFilter(symbols: readonly string[]): SymbolFilter {
  if (symbols.includes(ALL_SYMBOLS)) return EVERY;
  const wanted = new Set(symbols);
  const key = [...wanted].sort().join(' ');
  const patterns = [...wanted].filter(isPattern).map(matcher);
  if (patterns.length === 0) return { key, names: wanted, has: (symbol) => wanted.has(symbol) };
  const has = (symbol: string) => wanted.has(symbol) || patterns.some((fits) => fits(symbol));
  return { key, names: null, has };
}

export function isPattern(symbol: string): boolean {
  return symbol.includes(ALL_SYMBOLS);
}

/** What both have. */
export function bothFilters(wanted: SymbolFilter, allowed: SymbolFilter): SymbolFilter {
  if (allowed.key === ALL_SYMBOLS || wanted.key === allowed.key) return wanted;
  if (wanted.names !== null) return symbolFilter([...wanted.names].filter(allowed.has));
  const has = (symbol: string) => wanted.has(symbol) && allowed.has(symbol);
  // A line end stands in no name: no list of them has this key, and with it what another may see.
  return { key: `${wanted.key}\n${allowed.key}`, names: null, has };
}

// Not a regular expression: one with several stars may take exponential time on a hostile pattern.
function matcher(pattern: string): (symbol: string) => boolean {
  const [head, ...rest] = pattern.split(ALL_SYMBOLS);
  const tail = rest.pop() ?? '';
  return (symbol) => {
    if (!symbol.startsWith(head) || !symbol.endsWith(tail)) return false;
    let at = head.length;
    for (const part of rest) {
      const found = symbol.indexOf(part, at);
      if (found < 0) return false;
      at = found + part.length;
    }
    return at + tail.length <= symbol.length;
  };
}
