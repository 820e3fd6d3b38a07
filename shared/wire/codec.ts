import { PipelineError } from '../errors.ts';
import type { ServerMessage } from './message.ts';
import type { Reply, Request } from './request.ts';

/** The other side sent something that is no message of this protocol. Reaction: close the connection. */
export class WireFormatError extends PipelineError {
  override readonly code = 'WIRE_FORMAT';
}

/** A JSON object of which nothing is known yet. */
export interface ParsedObject {
  readonly id?: unknown;
  readonly type?: unknown;
}

const SERVER_TYPES: readonly string[] = [
  'welcome',
  'snapshot',
  'update',
  'ticks',
  'scores',
  'models',
  'health',
  'slow',
  'closing',
] satisfies ServerMessage['type'][];

export function encodeMessage(message: ServerMessage | Reply | Request): string {
  return JSON.stringify(message);
}

/**
 * What came from a server: a reply has an `id`, a message a `type`. Types that this version does not know give null, so that
 * a newer server may say more.
 * @throws WireFormatError `WIRE_FORMAT`
 */
export function decodeFromServer(text: string): ServerMessage | Reply | null {
  return fromServer(parse(text));
}

/** The same of a message that is parsed already. @throws WireFormatError `WIRE_FORMAT` */
export function fromServer(value: ParsedObject): ServerMessage | Reply | null {
  if (typeof value.id === 'number' && ('result' in value || 'error' in value)) {
    return value as unknown as Reply;
  }
  if (typeof value.type !== 'string') {
    const was = JSON.stringify(value).slice(0, 80);
    throw new WireFormatError(`a server message has a type or an id, was ${was}`, {});
  }
  return SERVER_TYPES.includes(value.type) ? (value as unknown as ServerMessage) : null;
}

/** @throws WireFormatError `WIRE_FORMAT` unless the text is a JSON object */
export function parse(text: string): ParsedObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new WireFormatError(`a message is JSON, was ${text.slice(0, 80)}`, {}, error);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new WireFormatError(`a message is a JSON object, was ${text.slice(0, 80)}`);
  }
  return value;
}
