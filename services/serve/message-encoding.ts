import { encode } from '@msgpack/msgpack';
import type { ServerMessage } from '#shared/wire/message.ts';
import type { Reply } from '#shared/wire/request.ts';
import { WireFrame } from './wire-frame.ts';

/** How a connection's messages are written: chosen by its subprotocol. */
export type Encoding = 'json' | 'msgpack';

export function frameOf(message: ServerMessage | Reply, encoding: Encoding): WireFrame {
  return encoding === 'json'
    ? WireFrame.text(JSON.stringify(message))
    : new WireFrame([encode(message)], 'binary');
}

/** One message in as many encodings as its receivers have, each made once. */
export class FrameByEncoding {
  readonly #make: (encoding: Encoding) => WireFrame;
  readonly #made = new Map<Encoding, WireFrame>();

  constructor(make: (encoding: Encoding) => WireFrame) {
    this.#make = make;
  }

  in(encoding: Encoding): WireFrame {
    const made = this.#made.get(encoding) ?? this.#make(encoding);
    this.#made.set(encoding, made);
    return made;
  }
}
