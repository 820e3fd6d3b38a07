import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { Clock } from '#shared/runtime/clock.ts';
import type { Logger } from '#shared/runtime/logger.ts';
import type { Metrics } from '#shared/runtime/metrics.ts';
import { CLOSE_CODE, type CloseCode } from '#shared/wire/close-code.ts';
import type { Limits } from '#shared/wire/message.ts';
import { SUBPROTOCOL } from '#shared/wire/subprotocol.ts';
import { type Grant, OPEN_GRANT } from './access/grant.ts';
import { headerToken, subprotocolToken } from './access/shown-token.ts';
import type { TokenVerifier } from './access/token-verifier.ts';
import { ClientSession, type SessionOptions } from './client-session.ts';
import { ClientSocket, type ClientSocketOptions } from './client-socket.ts';
import type { LiveFeed } from './live-feed.ts';
import { isOurHost, isOurOrigin } from './loopback.ts';
import { TokenRefusedError } from './serve-errors.ts';
import { Welcomes } from './welcomes.ts';

export const STREAM_PATH = '/v1/stream';

export interface SocketServerOptions {
  readonly feed: LiveFeed;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly limits: Limits;
  readonly heartbeatMs: number;
  readonly flushMs: number;
  readonly allowedHosts: readonly string[];
  /** Null where no token is asked for. */
  readonly verifier: TokenVerifier | null;
}

/** What a handshake brought. */
interface Entrance {
  readonly grant: Grant | null;
  /** Why a token that was shown is refused; the client hears of it when it is connected, as browsers hide all else. */
  readonly refusal: string | null;
}

/** Accepts WebSockets, gives each a session, pings, and ends them all. */
export class SocketServer {
  readonly #options: SocketServerOptions;
  readonly #sessionOptions: SessionOptions;
  readonly #socketOptions: ClientSocketOptions;
  readonly #server: WebSocketServer;
  readonly #sessions = new Map<ClientSocket, ClientSession>();
  readonly #connections;
  readonly #closes;
  #isStopping = false;

  constructor(options: SocketServerOptions) {
    this.#options = options;
    const { feed, clock, limits, metrics, verifier } = options;
    const welcomes = new Welcomes(options);
    this.#sessionOptions = {
      ...{ feed, limits },
      nowMs: () => clock.nowMs(),
      verify: verifier === null ? null : (token) => verifier.verify(token),
      welcome: (grant, encoding) => welcomes.frame(grant, encoding),
    };
    this.#socketOptions = { clock, onClose: (code, reason) => this.#noteClose(code, reason) };
    this.#server = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      maxPayload: limits.messageBytes,
      maxFragments: limits.fragments,
      maxBufferedChunks: limits.fragments,
      // With it a peer can end the process: ws 8.23 goes on reading after an error while it inflates (docs/decisions/0022).
      perMessageDeflate: false,
      handleProtocols: chosenSubprotocol,
    });
    this.#connections = metrics.gauge('foretick_serve_connections', 'WebSocket clients now');
    this.#closes = metrics.counter('foretick_serve_closes_total', 'Closed by us', ['code']);
  }

  /** For the `upgrade` event of an HTTP server. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // Node takes its own listener off a socket that asks for an upgrade: without this one a reset would end the process.
    socket.on('error', () => socket.destroy());
    const { allowedHosts, logger } = this.#options;
    const { host, origin } = request.headers;
    const isOurs = isOurHost(host, allowedHosts) && isOurOrigin(origin, allowedHosts);
    if (request.url?.split('?')[0] !== STREAM_PATH) {
      refuse(socket, 404, 'Not Found');
    } else if (!isOurs) {
      refuse(socket, 403, 'Foreign Origin');
    } else {
      this.#enter(request, socket, head).catch((error: unknown) => {
        logger.error('a handshake failed', { error });
        socket.destroy();
      });
    }
  }

  /** Called often: see ClientSession.checkPace. */
  checkPaces(nowMs: number): void {
    for (const session of this.#sessions.values()) session.checkPace(nowMs);
  }

  /** Every `heartbeatMs`: pings all that are not slow, and closes those that left two pings unanswered. */
  heartbeat(): void {
    for (const [socket, session] of this.#sessions) {
      if (session.isSlow) {
        // A ping would stand behind all that it has not read: while it is slow its pace decides.
        socket.unanswered = 0;
        continue;
      }
      if (socket.unanswered >= 2) session.close(CLOSE_CODE.noPong, 'two pings went unanswered');
      else socket.webSocket.ping();
      socket.unanswered += 1;
    }
  }

  /** Tells every client, closes it with 3001, and cuts those that do not answer in time. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    const gone = [...this.#sessions].map(async ([{ webSocket }, session]) => {
      const closed = new Promise((resolve) => webSocket.once('close', resolve));
      const code = CLOSE_CODE.shutdown;
      session.tell({ type: 'closing', code, reason: 'the server is stopping' });
      session.close(code, 'the server is stopping');
      await closed;
    });
    await Promise.all(gone);
    this.#server.close();
  }

  async #enter(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const entrance = await this.#entrance(request);
    if (entrance === null) {
      refuse(socket, 401, 'Unauthorized');
      return;
    }
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      this.#accept(new ClientSocket(webSocket, socket, this.#socketOptions), entrance);
    });
  }

  /** Null for a header whose token is refused: who can set headers can read a status. */
  async #entrance({ headers }: IncomingMessage): Promise<Entrance | null> {
    const { verifier } = this.#options;
    if (verifier === null) return { grant: OPEN_GRANT, refusal: null };
    const inHeader = headerToken(headers);
    const token = inHeader ?? subprotocolToken(headers);
    if (token === null) return { grant: null, refusal: null };
    try {
      return { grant: await verifier.verify(token), refusal: null };
    } catch (error) {
      if (!(error instanceof TokenRefusedError)) throw error;
      return inHeader === null ? { grant: null, refusal: error.message } : null;
    }
  }

  #accept(socket: ClientSocket, { grant, refusal }: Entrance): void {
    const { limits, logger } = this.#options;
    const { webSocket } = socket;
    // The close that follows an error does the cleaning up; ws has already chosen its code (1009 for a message too long).
    webSocket.on('error', (error) => logger.debug('socket failed', { error: error.message }));
    if (this.#isStopping) {
      socket.close(CLOSE_CODE.shutdown, 'the server is stopping');
    } else if (this.#sessions.size >= limits.connections) {
      socket.close(CLOSE_CODE.tooManyConnections, `at most ${limits.connections} connections`);
    } else if (refusal !== null) {
      socket.close(CLOSE_CODE.badToken, refusal);
    } else if (grant === null && this.#strangerCount() >= limits.connections / 2) {
      socket.close(CLOSE_CODE.tooManyStrangers, 'too many that have shown no token yet');
    } else {
      this.#open(socket, grant);
    }
  }

  #strangerCount(): number {
    let count = 0;
    for (const { isStranger } of this.#sessions.values()) if (isStranger) count += 1;
    return count;
  }

  #open(socket: ClientSocket, grant: Grant | null): void {
    const { webSocket } = socket;
    const session = new ClientSession(socket, this.#sessionOptions, grant);
    this.#sessions.set(socket, session);
    this.#countConnections();
    webSocket.on('pong', () => {
      socket.unanswered = 0;
    });
    webSocket.on('message', (data, isBinary) => {
      if (isBinary === (socket.encoding === 'msgpack')) {
        session.receive(isBinary ? (data as Buffer) : String(data));
      } else {
        const expected = isBinary ? 'text' : 'binary';
        session.close(CLOSE_CODE.badRequest, `messages are ${expected} in this subprotocol`);
      }
    });
    webSocket.on('close', () => {
      session.end();
      this.#sessions.delete(socket);
      this.#countConnections();
    });
  }

  #countConnections(): void {
    this.#connections.set(this.#sessions.size);
    this.#options.feed.health.connections = this.#sessions.size;
  }

  #noteClose(code: CloseCode, reason: string): void {
    this.#closes.add(1, { code: `${code}` });
    this.#options.logger.debug('socket closed', { code, reason });
  }
}

/** The first that is ours; a token is never answered with. */
function chosenSubprotocol(offered: ReadonlySet<string>): string | false {
  const ours: readonly string[] = Object.values(SUBPROTOCOL);
  return [...offered].find((one) => ours.includes(one)) ?? false;
}

function refuse(socket: Duplex, status: number, reason: string): void {
  // A peer that never closes its half would keep the server from stopping.
  socket.once('finish', () => socket.destroy());
  const challenge = status === 401 ? 'WWW-Authenticate: Bearer error="invalid_token"\r\n' : '';
  const head = `HTTP/1.1 ${status} ${reason}\r\n${challenge}Connection: close\r\nContent-Length: 0\r\n\r\n`;
  socket.end(head);
}
