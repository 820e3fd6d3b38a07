import { CorruptBytesError } from '../errors.ts';

const ENCODER = new TextEncoder();
const DECODER = new TextDecoder('utf-8', { fatal: true });

/** First byte the version, then the value as UTF-8 JSON. Bigints are written by the caller as decimal strings. */
export function encodeVersionedJson(version: number, value: unknown): Uint8Array {
  const text = ENCODER.encode(JSON.stringify(value));
  const bytes = new Uint8Array(1 + text.length);
  bytes[0] = version;
  bytes.set(text, 1);
  return bytes;
}

/**
 * @param what the kind of record, named in the error: `a score record`
 * @throws CorruptBytesError `BYTES_CORRUPT` for another version or bytes that are no JSON
 */
export function decodeVersionedJson(version: number, bytes: Uint8Array, what: string): unknown {
  if (bytes.length === 0 || bytes[0] !== version) {
    throw new CorruptBytesError(
      `${what} must have version ${version}, was ${bytes.length === 0 ? 'empty' : bytes[0]}`,
      { what, version, found: bytes[0] ?? null },
    );
  }
  try {
    return JSON.parse(DECODER.decode(bytes.subarray(1))) as unknown;
  } catch (cause) {
    throw new CorruptBytesError(
      `${what} must be JSON after its version, was not`,
      { what, length: bytes.length },
      cause,
    );
  }
}
