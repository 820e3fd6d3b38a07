import { asSymbol, type SymbolName } from './symbol.ts';

/** A power of two, for the mask; with more symbols than places, some are read the long way. */
const PLACES = 4096;

/**
 * Symbols by the bytes that spell them: one seen before is neither decoded nor checked again, and as it is the same string, maps need
 * not hash it again either.
 */
export class SymbolNames {
  readonly #kept = new Array<SymbolName | ''>(PLACES).fill('');

  /** @throws InvalidSymbolError `SYMBOL_INVALID` */
  read(bytes: Uint8Array, at: number, length: number): SymbolName {
    const place = placeOf(bytes, at, length);
    const kept = this.#kept[place];
    if (kept !== '' && isSpelt(kept, bytes, at, length)) return kept;
    // Every legal name is ASCII, so its bytes are its characters.
    const name = asSymbol(String.fromCharCode(...bytes.subarray(at, at + length)));
    this.#kept[place] = name;
    return name;
  }
}

function placeOf(bytes: Uint8Array, at: number, length: number): number {
  let hash = length;
  for (let k = at; k < at + length; k += 1) hash = (Math.imul(hash, 31) + bytes[k]) | 0;
  return (hash ^ (hash >>> 12)) & (PLACES - 1);
}

function isSpelt(name: SymbolName, bytes: Uint8Array, at: number, length: number): boolean {
  if (name.length !== length) return false;
  for (let k = 0; k < length; k += 1) if (name.charCodeAt(k) !== bytes[at + k]) return false;
  return true;
}
