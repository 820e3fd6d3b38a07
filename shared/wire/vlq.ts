import { WireFormatError } from './codec.ts';

/** RFC 4648, section 4. */
export const VLQ_LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
/** Five bits of a number in each letter; this one more says that others follow. */
export const VLQ_MORE = 32;
const NO_LETTER = 255;
const VALUES = Uint8Array.from({ length: 128 }, (_, code) => {
  const value = VLQ_LETTERS.indexOf(String.fromCharCode(code));
  return value < 0 ? NO_LETTER : value;
});

/**
 * Whole numbers from text: base64 VLQ, as in source maps (ECMA-426), but up to 2^52 in size. Twice the size, and one more for
 * numbers below zero, five bits a letter, the lowest first: small numbers are short.
 * @throws WireFormatError `WIRE_FORMAT` for another letter, a number that does not end, one beyond 2^52
 */
export function readVlq(text: string): number[] {
  const numbers: number[] = [];
  let sum = 0;
  let place = 1;
  for (let at = 0; at < text.length; at += 1) {
    const value = VALUES[text.charCodeAt(at)] ?? NO_LETTER;
    sum += (value % VLQ_MORE) * place;
    if (value === NO_LETTER || !(sum <= Number.MAX_SAFE_INTEGER)) {
      const was = JSON.stringify(text.slice(at, at + 20));
      throw new WireFormatError(`changes are base64 VLQ up to 2^52, had ${was} at ${at}`, {});
    }
    place *= VLQ_MORE;
    if (value >= VLQ_MORE) continue;
    const size = Math.floor(sum / 2);
    numbers.push(sum % 2 === 0 ? size : 0 - size);
    sum = 0;
    place = 1;
  }
  if (place > 1) throw new WireFormatError('changes are whole numbers, the last one had no end');
  return numbers;
}
