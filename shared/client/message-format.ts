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
  read(received: unknown): Read | Promise<Read>;
}

type Read = ServerMessage | Reply | null;

const JSON_FORMAT: MessageFormat = {
  subprotocols: [],
  write: encodeMessage,
  read: (received) => decodeFromServer(String(received)),
};

/** JSON, of which the server deflates what many clients share. */
const DEFLATED_FORMAT: MessageFormat = {
  subprotocols: [SUBPROTOCOL.deflated],
  write: encodeMessage,
  read: (received) =>
    received instanceof ArrayBuffer
      ? inflated(received).then(decodeFromServer)
      : decodeFromServer(String(received)),
};

function inflated(bytes: ArrayBuffer): Promise<string> {
  const inflating = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  return new Response(inflating).text();
}

export interface FormatWish {
  readonly messagePack?: MessagePack | undefined;
  readonly deflate?: boolean | undefined;
}

/** MessagePack where there is somebody to read it: a client of its own has no dependencies. Deflated where the host inflates. */
export function messageFormat({ messagePack, deflate }: FormatWish): MessageFormat {
  if (messagePack === undefined) {
    return deflate === true && 'DecompressionStream' in globalThis ? DEFLATED_FORMAT : JSON_FORMAT;
  }
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
