import { ALL_SYMBOLS } from '#shared/wire/request.ts';

/** Which symbols a subscription wants. Equal filters have equal keys, so that their frames are made once. */
export interface SymbolFilter {
  readonly key: string;
  has(symbol: string): boolean;
}

export function symbolFilter(symbols: readonly string[]): SymbolFilter {
  if (symbols.includes(ALL_SYMBOLS)) return { key: ALL_SYMBOLS, has: () => true };
  const wanted = new Set(symbols);
  return { key: [...wanted].sort().join(' '), has: (symbol) => wanted.has(symbol) };
}
