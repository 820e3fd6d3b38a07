import { InvalidTickError } from './invalid-tick.ts';

/** The start of the reason codes: `PRICE` for PRICE_NOT_A_NUMBER, PRICE_NOT_FINITE and PRICE_TOO_LARGE. */
export type NumberField = 'PRICE' | 'SIZE' | 'VALUE' | 'BOOK';

// Number() alone takes '' and ' ' as 0 and reads '0x10' as 16: a lost field would become a price.
const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const NOT_FINITE = /^[+-]?(?:nan|inf|infinity)$/i;
/** Forecasts are float32 differences, and their squares are summed: far beyond this both overflow, and a sum would stay so. */
const LARGEST = 1e30;

/**
 * A finite number of usual size from a number or from decimal text, and nothing else.
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
  if (Math.abs(value) > LARGEST) {
    throw new InvalidTickError(`${field}_TOO_LARGE`, `${name} must be within ±${LARGEST}`, raw);
  }
  return value;
}

/** A number or text that says of a cell that there is no value, as spreadsheets and data frames write it. */
export function isNotANumber(raw: unknown): boolean {
  return Number.isNaN(raw) || (typeof raw === 'string' && /^nan$/i.test(raw));
}

/** Null, undefined and the empty text: the source gives nothing here. */
export function isMissing(raw: unknown): boolean {
  return raw === null || raw === undefined || raw === '';
}
