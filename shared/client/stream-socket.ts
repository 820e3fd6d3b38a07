import type { Request } from '#shared/wire/request.ts';
import { NoWebSocketError } from './client-errors.ts';
import type { MessageFormat } from './message-format.ts';

/** What is used of a WebSocket: that of browsers, of Node 22 and newer, of the package `ws`. */
export interface WebSocketLike {
  readonly readyState: number;
  binaryType: string;
  send(message: string | Uint8Array<ArrayBuffer>): void;
  close(): void;
  addEventListener(type: 'open', listener: () => void): void;
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void;
  addEventListener(
    type: 'close',
    listener: (event: { code: number; reason: string }) => void,
  ): void;
}

export type WebSocketClass = new (url: string, subprotocols?: string[]) => WebSocketLike;

export interface StreamSocketOptions {
  readonly url: string;
  readonly format: MessageFormat;
  /** Default: the host's. */
  readonly webSocket?: WebSocketClass | undefined;
}

export interface StreamEars {
  onOpen(): void;
  /** As it came, to be read by the format. */
  onMessage(received: unknown): void;
  onClose(code: number, reason: string): void;
}

const OPEN = 1;

/** One connection: requests out, messages in. */
export class StreamSocket {
  readonly #socket: WebSocketLike;
  readonly #format: MessageFormat;

  /** @throws NoWebSocketError `CLIENT_NO_WEBSOCKET` */
  constructor({ url, format, webSocket }: StreamSocketOptions, ears: StreamEars) {
    const { WebSocket: ofHost } = globalThis as { WebSocket?: WebSocketClass };
    const found = webSocket ?? ofHost;
    if (found === undefined) {
      throw new NoWebSocketError('there is no WebSocket here; pass one as `webSocket`, as of `ws`');
    }
    this.#format = format;
    this.#socket = new found(url, format.subprotocols);
    this.#socket.binaryType = 'arraybuffer';
    this.#socket.addEventListener('open', () => ears.onOpen());
    this.#socket.addEventListener('message', ({ data }) => ears.onMessage(data));
    this.#socket.addEventListener('close', ({ code, reason }) => ears.onClose(code, reason));
  }

  /** Nothing happens where it is not open. */
  send(request: Request): void {
    if (this.#socket.readyState === OPEN) this.#socket.send(this.#format.write(request));
  }

  close(): void {
    this.#socket.close();
  }
}
