import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Logger } from '#shared/runtime/logger.ts';
import { type Grant, OPEN_GRANT } from './access/grant.ts';
import { headerToken } from './access/shown-token.ts';
import type { TokenVerifier } from './access/token-verifier.ts';
import { type Answer, jsonAnswer, plainAnswer } from './http/answer.ts';
import {
  crossOriginHeaders,
  foreignOrigin,
  isPreflight,
  PREFLIGHT_ANSWER,
} from './http/cross-origin.ts';
import { KeptAnswers } from './http/kept-answers.ts';
import type { RouteContext } from './http/route.ts';
import { routeOf } from './http/routes.ts';
import { isOurHost } from './loopback.ts';
import { contentSecurityPolicy, PageFiles } from './page-files.ts';
import { TokenRefusedError } from './serve-errors.ts';
import { STREAM_PATH } from './socket-server.ts';

export interface HttpServerOptions extends Omit<RouteContext, 'grant' | 'kept'> {
  readonly logger: Logger;
  readonly allowedHosts: readonly string[];
  /** Of all kinds; more are cut at once. */
  readonly mostConnections: number;
  /** Null where no token is asked for. */
  readonly verifier: TokenVerifier | null;
}

/** To a browser's address line, or a proxy that does not pass the upgrade on. */
const NO_PAGE: Answer = {
  ...plainAnswer(426, 'this address speaks WebSocket (docs/protocol.md)'),
  headers: { upgrade: 'websocket', connection: 'upgrade' },
};

/** Longer ones are answered with 431 by Node, later ones with 408. */
const LIMITS = {
  maxHeaderSize: 16_384,
  headersTimeout: 10_000,
  requestTimeout: 10_000,
  connectionsCheckingInterval: 1_000,
};
/** After so long without a byte in either direction a connection is cut, also one that does not read its answer. */
const IDLE_MS = 30_000;

/** Health, metrics, /v1, /udf and the dashboard. Only GET and HEAD, only for hosts and pages that are ours. Not yet listening. */
export async function httpServer(options: HttpServerOptions): Promise<Server> {
  const files = await PageFiles.list();
  const kept = new KeptAnswers(options.nowMs);
  const server = createServer(LIMITS, (request, response) => {
    for (const [name, value] of crossOriginHeaders(request.headers, options.allowedHosts)) {
      response.setHeader(name, value);
    }
    answer(request, { ...options, kept }, files).then(
      (found) => send(request, response, found),
      (error: unknown) => {
        options.logger.error('http request failed', { url: request.url, error });
        send(request, response, plainAnswer(500, 'the server failed; its log says why'));
      },
    );
  });
  server.maxConnections = options.mostConnections;
  // Of a WebSocket `ws` takes it off again.
  return server.setTimeout(IDLE_MS);
}

async function answer(
  request: IncomingMessage,
  options: HttpServerOptions & Pick<RouteContext, 'kept'>,
  files: PageFiles,
): Promise<Answer> {
  const { host } = request.headers;
  if (!isOurHost(host, options.allowedHosts)) {
    const expected = 'host must be a loopback name or in FORETICK_ALLOWED_HOSTS';
    return plainAnswer(421, `${expected}, was ${host}`);
  }
  const foreign = foreignOrigin(request.headers, options.allowedHosts);
  if (foreign !== null) return foreign;
  if (isPreflight(request)) return PREFLIGHT_ANSWER;
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return { ...plainAnswer(405, 'only GET and HEAD'), headers: { allow: 'GET, HEAD' } };
  }
  const url = addressOf(request);
  if (url === null) return plainAnswer(400, 'the address could not be read');
  if (url.pathname === STREAM_PATH) return NO_PAGE;
  const route = routeOf(url.pathname);
  if (route === null) return page(url, files);
  const grant = route.isOpen ? OPEN_GRANT : await grantOfRequest(request, options.verifier);
  return typeof grant === 'string' ? unauthorised(grant) : route.answer(url, { ...options, grant });
}

/** `//v1` is a path like any other, not the name of a host. */
function addressOf({ url = '/' }: IncomingMessage): URL | null {
  return URL.parse(url.startsWith('/') ? `http://any${url}` : url);
}

/** The reason where it is refused. */
async function grantOfRequest(
  { headers }: IncomingMessage,
  verifier: TokenVerifier | null,
): Promise<Grant | string> {
  if (verifier === null) return OPEN_GRANT;
  const token = headerToken(headers);
  if (token === null) return 'a token is asked for: Authorization: Bearer';
  try {
    return await verifier.verify(token);
  } catch (error) {
    if (error instanceof TokenRefusedError) return error.message;
    throw error;
  }
}

function unauthorised(message: string): Answer {
  const challenge = 'Bearer error="invalid_token"';
  return { ...jsonAnswer(401, { error: { message } }), headers: { 'www-authenticate': challenge } };
}

async function page(url: URL, files: PageFiles): Promise<Answer> {
  const file = await files.read(url.pathname);
  if (file === null) return plainAnswer(404, `nothing at ${url.pathname}`);
  const isPage = file.contentType.startsWith('text/html');
  const headers = isPage ? { 'content-security-policy': contentSecurityPolicy(file.body) } : {};
  return { status: 200, ...file, headers };
}

function send(request: IncomingMessage, response: ServerResponse, found: Answer): void {
  response.writeHead(found.status, {
    'content-type': found.contentType,
    'content-length': Buffer.byteLength(found.body),
    'cache-control': 'no-cache',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    ...found.headers,
  });
  response.end(request.method === 'HEAD' ? undefined : found.body);
}
