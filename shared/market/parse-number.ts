import { InvalidTickError } from './invalid-tick.ts';

/** The start of the reason codes: `PRICE` for PRICE_NOT_A_NUMBER and PRICE_NOT_FINITE. */
export type NumberField = 'PRICE' | 'SIZE' | 'VALUE' | 'BOOK';

// Number() alone takes '' and ' ' as 0 and reads '0x10' as 16: a lost field would become a price.
const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const NOT_FINITE = /^[+-]?(?:nan|inf|infinity)$/i;

/**
 * A finite number from a number or from decimal text, and nothing else.
 *
 * @param name what the number is, for the message
 * @throws InvalidTickError `TICK_INVALID`
 */
export function numberFrom(raw: unknown, field: NumberField, name: string): number {
  if (typeof raw !== 'number') {
    if (typeof raw !== 'string' || !(DECIMAL.test(raw) || NOT_FINITE.test(raw))) {
      throw new InvalidTickError(`${field}_NOT_A_NUMBER`, `${name} must be a decimal number`, raw);
    }
  }
  const value = Number(raw);
  if (!Number.isFinite(value)) {
    throw new InvalidTickError(`${field}_NOT_FINITE`, `${name} must be finite`, raw);
  }
  return value;
}

/** Null, undefined and the empty text: the source gives nothing here. */
export function isMissing(raw: unknown): boolean {
  return raw === null || raw === undefined || raw === '';
}
