import { decode } from '@msgpack/msgpack';
import { z } from 'zod';
import { type ParsedObject, parse, WireFormatError } from '#shared/wire/codec.ts';
import { CHANNELS, ERROR_CODE, type ErrorReply, type Request } from '#shared/wire/request.ts';
import { isNestedDeeper } from './pack-nesting.ts';

const METHODS = ['authenticate', 'subscribe', 'unsubscribe', 'ping'] as const;

const id = z.int().min(0);
const symbol = z
  .string()
  .regex(/^[A-Za-z0-9._:/*-]{1,64}$/, `must be a symbol's name, or a pattern with *`);
const position = z.strictObject({
  run: z.string().max(128),
  src: z.record(z.string().regex(/^\d{1,9}$/), z.string().regex(/^(-1|\d{1,19})$/)),
});
const channels = z.array(z.enum(CHANNELS)).min(1).max(CHANNELS.length);

const request = z.discriminatedUnion('method', [
  z.strictObject({
    id,
    method: z.literal('authenticate'),
    params: z.strictObject({ token: z.string().max(16_384) }),
  }),
  z.strictObject({
    id,
    method: z.literal('subscribe'),
    params: z.strictObject({
      channels,
      symbols: z.array(symbol).min(1),
      position: position.optional(),
      maxRateHz: z.number().min(0.1).max(1_000).optional(),
      delta: z.boolean().optional(),
    }),
  }),
  z.strictObject({
    id,
    method: z.literal('unsubscribe'),
    params: z.strictObject({ channels }),
  }),
  z.strictObject({ id, method: z.literal('ping') }),
]);

/**
 * A request, JSON text or MessagePack bytes, or the reply that says what is wrong with it.
 * @throws WireFormatError `WIRE_FORMAT` when there is no id to reply to
 */
export function readRequest(message: string | Uint8Array): Request | ErrorReply {
  const value: { readonly id?: unknown; readonly method?: unknown } =
    typeof message === 'string' ? parse(message) : unpack(message);
  const numbered = id.safeParse(value.id);
  if (!numbered.success) {
    throw new WireFormatError(`a request has a whole number as id, was ${shown(value.id)}`);
  }
  if (!METHODS.some((method) => method === value.method)) {
    const expected = `method must be one of ${METHODS.join(', ')}`;
    return errorReply(numbered.data, 'unknownMethod', `${expected}, was ${shown(value.method)}`);
  }
  const read = request.safeParse(value);
  if (read.success) return read.data;
  const problems = read.error.issues.slice(0, 5);
  const said = problems.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
  return errorReply(numbered.data, 'badParams', said.slice(0, 400));
}

export function errorReply(id: number, kind: keyof typeof ERROR_CODE, message: string): ErrorReply {
  return {
    id,
    error: { code: ERROR_CODE[kind], message, temporary: kind === 'tooManyRequests' },
  };
}

/** Not JSON of it: writing a value that is nested deeply enough overflows the stack. */
function shown(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 80)) : typeof value;
}

/** Room for what a head announces is made before it has come; no request has more. */
const PACK_LIMITS = { maxArrayLength: 65_536, maxMapLength: 4_096 };
/** A request has four levels; what is wrong with one of a few more is answered in words. */
const MOST_LEVELS = 16;

function unpack(bytes: Uint8Array): ParsedObject {
  if (isNestedDeeper(bytes, MOST_LEVELS)) {
    throw new WireFormatError(`a request has at most ${MOST_LEVELS} levels, this one had more`, {});
  }
  let value: unknown;
  try {
    value = decode(bytes, PACK_LIMITS);
  } catch (error) {
    throw new WireFormatError('a message is MessagePack, these bytes were not', {}, error);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new WireFormatError('a message is a map, was something else in MessagePack', {});
  }
  return value;
}
