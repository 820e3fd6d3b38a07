import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Clock } from '#shared/runtime/clock.ts';
import type { Logger } from '#shared/runtime/logger.ts';
import type { Metrics } from '#shared/runtime/metrics.ts';
import { CLOSE_CODE } from '#shared/wire/close-code.ts';
import type { Limits } from '#shared/wire/message.ts';
import { PROTOCOL_VERSION } from '#shared/wire/protocol-version.ts';
import { ClientSession } from './client-session.ts';
import type { LiveFeed } from './live-feed.ts';
import { isOurHost, isOurOrigin } from './loopback.ts';

export const STREAM_PATH = '/v1/stream';
/** How long a peer may take to answer our close before its socket is cut. */
const CLOSE_GRACE_MS = 1_000;

export interface SocketServerOptions {
  readonly feed: LiveFeed;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly limits: Limits;
  readonly heartbeatMs: number;
  readonly allowedHosts: readonly string[];
}

interface Peer {
  readonly session: ClientSession;
  /** Pings since its last pong. */
  unanswered: number;
}

/** Accepts WebSockets, gives each a session, pings, and ends them all. */
export class SocketServer {
  readonly #options: SocketServerOptions;
  readonly #server: WebSocketServer;
  readonly #peers = new Map<WebSocket, Peer>();
  readonly #connections;
  readonly #closes;
  #isStopping = false;

  constructor(options: SocketServerOptions) {
    this.#options = options;
    this.#server = new WebSocketServer({
      noServer: true,
      maxPayload: options.limits.messageBytes,
      perMessageDeflate: false,
    });
    const { metrics } = options;
    this.#connections = metrics.gauge('foretick_serve_connections', 'WebSocket clients now');
    this.#closes = metrics.counter('foretick_serve_closes_total', 'Closed by us', ['code']);
  }

  /** For the `upgrade` event of an HTTP server. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { allowedHosts } = this.#options;
    const { host, origin } = request.headers;
    const isOurs = isOurHost(host, allowedHosts) && isOurOrigin(origin, allowedHosts);
    if (request.url?.split('?')[0] !== STREAM_PATH) {
      refuse(socket, 404, 'Not Found');
    } else if (isOurs) {
      this.#server.handleUpgrade(request, socket, head, (webSocket) => this.#accept(webSocket));
    } else {
      refuse(socket, 403, 'Foreign Origin');
    }
  }

  flush(nowMs: number): void {
    for (const { session } of this.#peers.values()) session.checkPace(nowMs);
  }

  /** Every `heartbeatMs`: pings all, and closes those that left two pings unanswered. */
  heartbeat(): void {
    for (const [webSocket, peer] of this.#peers) {
      if (peer.unanswered >= 2) peer.session.close(CLOSE_CODE.noPong, 'two pings went unanswered');
      else webSocket.ping();
      peer.unanswered += 1;
    }
  }

  /** Tells every client, closes it with 3001, and cuts those that do not answer in time. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    const gone = [...this.#peers].map(async ([webSocket, { session }]) => {
      const closed = new Promise((resolve) => webSocket.once('close', resolve));
      const code = CLOSE_CODE.shutdown;
      session.tell({ type: 'closing', code, reason: 'the server is stopping' });
      session.close(code, 'the server is stopping');
      await closed;
    });
    await Promise.all(gone);
    this.#server.close();
  }

  #accept(webSocket: WebSocket): void {
    const { feed, clock, limits, logger } = this.#options;
    const session = new ClientSession(
      {
        send: (text) => webSocket.send(text),
        bufferedBytes: () => webSocket.bufferedAmount,
        close: (code, reason) => this.#close(webSocket, code, reason),
      },
      { feed, limits, nowMs: () => clock.nowMs() },
    );
    const peer: Peer = { session, unanswered: 0 };
    this.#peers.set(webSocket, peer);
    this.#connections.set(this.#peers.size);
    webSocket.on('pong', () => {
      peer.unanswered = 0;
    });
    webSocket.on('message', (data, isBinary) => {
      if (isBinary) session.close(CLOSE_CODE.badRequest, 'messages are text');
      else session.receive(String(data));
    });
    // The close that follows an error does the cleaning up; ws has already chosen its code (1009 for a message too long).
    webSocket.on('error', (error) => logger.debug('socket failed', { error: error.message }));
    webSocket.on('close', () => {
      session.end();
      this.#peers.delete(webSocket);
      this.#connections.set(this.#peers.size);
    });
    this.#greet(session);
  }

  #greet(session: ClientSession): void {
    const { feed, limits, heartbeatMs } = this.#options;
    if (this.#isStopping) {
      session.close(CLOSE_CODE.shutdown, 'the server is stopping');
    } else if (this.#peers.size > limits.connections) {
      session.close(CLOSE_CODE.tooManyConnections, `at most ${limits.connections} connections`);
    } else {
      session.tell({
        type: 'welcome',
        protocolVersion: PROTOCOL_VERSION,
        run: feed.rings.run,
        heartbeatMs,
        limits,
        symbols: feed.rings.symbols(),
      });
    }
  }

  #close(webSocket: WebSocket, code: number, reason: string): void {
    this.#closes.add(1, { code: `${code}` });
    this.#options.logger.debug('socket closed', { code, reason });
    // The reason of a close frame holds at most 123 bytes.
    webSocket.close(
      code,
      Buffer.from(reason)
        .subarray(0, 120)
        .toString()
        .replace(/\uFFFD$/, ''),
    );
    const gone = new AbortController();
    webSocket.once('close', () => gone.abort());
    void this.#options.clock.sleep(CLOSE_GRACE_MS, gone.signal).then(() => webSocket.terminate());
  }
}

function refuse(socket: Duplex, status: number, reason: string): void {
  // Node takes its own listener off a socket that asks for an upgrade: without this one a reset would end the process.
  socket.on('error', () => socket.destroy());
  // A peer that never closes its half would keep the server from stopping.
  socket.once('finish', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status} ${reason}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
