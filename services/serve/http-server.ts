import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Logger } from '#shared/runtime/logger.ts';
import type { LiveFeed } from './live-feed.ts';
import { isOurHost } from './loopback.ts';
import { contentSecurityPolicy, PageFiles } from './page-files.ts';
import { v1Answer } from './v1-answers.ts';

export interface HttpServerOptions {
  readonly feed: LiveFeed;
  readonly logger: Logger;
  readonly allowedHosts: readonly string[];
  readonly isReady: () => boolean;
  readonly metricsText: () => Promise<string>;
}

interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const TEXT = 'text/plain; charset=utf-8';
const JSON_TYPE = 'application/json; charset=utf-8';

/** Health, metrics, /v1 and the dashboard. Only GET and HEAD, only for hosts that are ours. Not yet listening. */
export async function httpServer(options: HttpServerOptions): Promise<Server> {
  const files = await PageFiles.list();
  return createServer((request, response) => {
    answer(request, options, files).then(
      (found) => send(request, response, found),
      (error: unknown) => {
        options.logger.error('http request failed', { url: request.url, error });
        send(request, response, plain(500, 'the server failed; its log says why'));
      },
    );
  });
}

async function answer(
  request: IncomingMessage,
  options: HttpServerOptions,
  files: PageFiles,
): Promise<Answer> {
  const { host } = request.headers;
  if (!isOurHost(host, options.allowedHosts)) {
    return plain(421, `host must be a loopback name or in FORETICK_ALLOWED_HOSTS, was ${host}`);
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return { ...plain(405, 'only GET and HEAD'), headers: { allow: 'GET, HEAD' } };
  }
  const url = URL.parse(request.url ?? '/', 'http://any');
  if (url === null) return plain(400, 'the address could not be read');
  return (await operational(url, options)) ?? page(url, files);
}

async function operational(url: URL, options: HttpServerOptions): Promise<Answer | null> {
  if (url.pathname === '/healthz') return plain(200, 'ok');
  if (url.pathname === '/readyz') {
    return options.isReady() ? plain(200, 'ready') : plain(503, 'no forecasts yet');
  }
  if (url.pathname === '/metrics') {
    const contentType = 'text/plain; version=0.0.4; charset=utf-8';
    return { status: 200, contentType, body: await options.metricsText() };
  }
  if (!url.pathname.startsWith('/v1/')) return null;
  const found = v1Answer(options.feed, url);
  const body = found ?? { error: { message: `nothing at ${url.pathname}` } };
  return { status: found === null ? 404 : 200, contentType: JSON_TYPE, body: JSON.stringify(body) };
}

async function page(url: URL, files: PageFiles): Promise<Answer> {
  const file = await files.read(url.pathname);
  if (file === null) return plain(404, `nothing at ${url.pathname}`);
  const isPage = file.contentType.startsWith('text/html');
  const headers = isPage ? { 'content-security-policy': contentSecurityPolicy(file.body) } : {};
  return { status: 200, ...file, headers };
}

function plain(status: number, text: string): Answer {
  return { status, contentType: TEXT, body: `${text}\n` };
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
