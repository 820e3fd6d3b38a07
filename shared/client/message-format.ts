import {
  decodeFromServer,
  encodeMessage,
  fromServer,
  WireFormatError,
} from '#shared/wire/codec.ts';
import type { ServerMessage } from '#shared/wire/message.ts';
import type { Reply, Request } from '#shared/wire/request.ts';
import { SUBPROTOCOL } from '#shared/wire/subprotocol.ts';

/** What `@msgpack/msgpack` exports, or another library of that kind wrapped to the same. */
export interface MessagePack {
  encode(value: unknown): Uint8Array<ArrayBuffer>;
  decode(bytes: Uint8Array): unknown;
}

/** How the messages of a connection are written. */
export interface MessageFormat {
  /** To be asked for; none: JSON. */
  readonly subprotocols: string[];
  write(request: Request): string | Uint8Array<ArrayBuffer>;
  /** Null for what this version does not know. @throws WireFormatError `WIRE_FORMAT` */
  read(received: unknown): ServerMessage | Reply | null;
}

const JSON_FORMAT: MessageFormat = {
  subprotocols: [],
  write: encodeMessage,
  read: (received) => decodeFromServer(String(received)),
};

/** MessagePack where there is somebody to read it: a client of its own has no dependencies. */
export function messageFormat(messagePack: MessagePack | undefined): MessageFormat {
  if (messagePack === undefined) return JSON_FORMAT;
  return {
    subprotocols: [SUBPROTOCOL.messagePack],
    // Without what is not set: MessagePack has a nil, and no absence.
    write: (request) => messagePack.encode(JSON.parse(JSON.stringify(request))),
    read: (received) => {
      if (!(received instanceof ArrayBuffer)) {
        throw new WireFormatError(`a message is MessagePack, was ${String(received).slice(0, 80)}`);
      }
      const message = messagePack.decode(new Uint8Array(received));
      if (typeof message === 'object' && message !== null) return fromServer(message);
      throw new WireFormatError(`a message is a map, was ${String(message).slice(0, 80)}`);
    },
  };
}
