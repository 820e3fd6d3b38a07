import { CorruptBytesError } from '../errors.ts';
import type { Control } from './control.ts';

const ENCODER = new TextEncoder();
const DECODER = new TextDecoder('utf-8', { fatal: true });

type Check = (value: unknown) => boolean;

interface Unchecked extends Record<string, unknown> {
  readonly kind?: unknown;
  readonly partition?: unknown;
  readonly from?: unknown;
  readonly to?: unknown;
}

const isInteger: Check = (value) => Number.isSafeInteger(value);
const isText: Check = (value) => typeof value === 'string';
const isDecimal: Check = (value) => typeof value === 'string' && /^-?\d{1,20}$/.test(value);
const isNumber: Check = (value) => typeof value === 'number' && Number.isFinite(value);
const isPlain = (value: unknown): value is Unchecked =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isSha: Check = (value) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
const isListOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
const isMapOf =
  (check: Check): Check =>
  (value) =>
    isPlain(value) && Object.values(value).every(check);
const isRange: Check = (value) =>
  isPlain(value) && isInteger(value.partition) && isDecimal(value.from) && isDecimal(value.to);

/** `?` marks what may be absent. */
const FIELDS: Readonly<Record<Control['kind'], Readonly<Record<string, Check>>>> = {
  begin: {
    'warmUpUntilNs?': isDecimal,
    'warmUpTicks?': isInteger,
    'groups?': isMapOf(isListOf(isText)),
    'priceSteps?': isMapOf(isNumber),
  },
  train: { id: isInteger, ranges: isListOf(isRange), seed: isNumber },
  switch: { id: isInteger, sha: isSha, how: (value) => value === 'refresh' },
  refuse: { id: isInteger, reason: isText },
};

/** The JSON behind the header of a control record. */
export function encodeControlPayload(control: Control): Uint8Array {
  return ENCODER.encode(JSON.stringify(control));
}

/** @throws CorruptBytesError `BYTES_CORRUPT` where it is no control that we know, or one with a wrong field */
export function decodeControlPayload(bytes: Uint8Array): Control {
  const value = parse(bytes);
  const kind = isPlain(value) ? value.kind : undefined;
  if (!isPlain(value) || typeof kind !== 'string' || !Object.hasOwn(FIELDS, kind)) {
    throw new CorruptBytesError(
      `a control must be one of ${Object.keys(FIELDS).join(', ')}, was ${JSON.stringify(kind)}`,
      { kind },
    );
  }
  for (const [field, check] of Object.entries(FIELDS[kind as Control['kind']])) {
    const name = field.replace('?', '');
    const isAbsent = value[name] === undefined && name !== field;
    if (!isAbsent && !check(value[name])) {
      throw new CorruptBytesError(
        `${name} of a ${kind} control is malformed, was ${JSON.stringify(value[name])}`,
        { kind, field: name },
      );
    }
  }
  return value as unknown as Control;
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(DECODER.decode(bytes)) as unknown;
  } catch (cause) {
    throw new CorruptBytesError(
      'a control record must hold JSON, did not',
      { length: bytes.length },
      cause,
    );
  }
}
