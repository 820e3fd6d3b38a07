import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Clock } from '#shared/runtime/clock.ts';
import { CLOSE_CODE, type CloseCode } from '#shared/wire/close-code.ts';
import { SUBPROTOCOL } from '#shared/wire/subprotocol.ts';
import type { Connection } from './client-session.ts';
import { FrameScratch } from './frame-scratch.ts';
import type { Encoding } from './message-encoding.ts';
import { unsentBytes } from './unsent-bytes.ts';
import type { WireFrame } from './wire-frame.ts';

/** How long a peer may take to answer our close before its socket is cut. */
const CLOSE_GRACE_MS = 1_000;
/** The same for those that do not keep up: our close stands behind all that they have not read. */
const LONG_GRACE_MS = 5_000;
const BEHIND: readonly CloseCode[] = [CLOSE_CODE.slowClient, CLOSE_CODE.noPong];
const OPEN = 1;

const scratch = new FrameScratch();

export interface ClientSocketOptions {
  readonly clock: Clock;
  readonly onClose: (code: CloseCode, reason: string) => void;
}

/**
 * One WebSocket, written to in whole frames that were made for many: `ws` reads, pings and closes, and its own writing, which
 * makes a frame for each receiver, is passed by. Both write to the same stream at once, so order is kept.
 */
export class ClientSocket implements Connection {
  readonly encoding: Encoding;
  /** Pings since its last pong. */
  unanswered = 0;
  readonly webSocket: WebSocket;
  readonly #stream: Duplex;
  readonly #mayDeflate: boolean;
  readonly #options: ClientSocketOptions;

  constructor(webSocket: WebSocket, stream: Duplex, options: ClientSocketOptions) {
    this.webSocket = webSocket;
    this.#stream = stream;
    this.#options = options;
    this.encoding = webSocket.protocol === SUBPROTOCOL.messagePack ? 'msgpack' : 'json';
    this.#mayDeflate = webSocket.protocol === SUBPROTOCOL.deflated;
  }

  send(frame: WireFrame): void {
    // Nothing may follow a close frame, ours or the answer to the peer's.
    if (this.webSocket.readyState !== OPEN) return;
    const stream = this.#stream;
    if (frame.isShared || stream.writableLength > 0) {
      stream.write(frame.bytes(this.#mayDeflate));
      return;
    }
    stream.write(scratch.bytesOf(frame));
    // What the kernel did not take at once is kept by the stream.
    if (stream.writableLength > 0) scratch.letGo();
  }

  bufferedBytes(): number {
    return this.#stream.writableLength;
  }

  unsentBytes(): number {
    return unsentBytes(this.#stream);
  }

  close(code: CloseCode, reason: string): void {
    this.#options.onClose(code, reason);
    const { webSocket } = this;
    webSocket.close(code, shortened(reason));
    const gone = new AbortController();
    webSocket.once('close', () => gone.abort());
    const graceMs = BEHIND.includes(code) ? LONG_GRACE_MS : CLOSE_GRACE_MS;
    void this.#options.clock.sleep(graceMs, gone.signal).then(() => webSocket.terminate());
  }
}

/** The reason of a close frame holds at most 123 bytes. */
function shortened(reason: string): string {
  return Buffer.from(reason)
    .subarray(0, 120)
    .toString()
    .replace(/\uFFFD$/, '');
}
