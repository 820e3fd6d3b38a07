import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PipelineError } from '#shared/errors.ts';
import type { Metrics } from '#shared/runtime/metrics.ts';

/** The address of health and metrics cannot be listened on. Reaction: choose another port, or 0 for a free one. */
export class HealthAddressError extends PipelineError {
  override readonly code = 'HEALTH_ADDRESS';
}

export interface HealthOptions {
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
  readonly metrics: Metrics;
  readonly isReady: () => boolean;
}

export interface HealthServer {
  /** `http://host:port` */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * /healthz, /readyz and /metrics of a process that serves nothing else. It answers before the brokers do, so that a process that
 * waits for them is not taken for dead.
 *
 * @throws HealthAddressError `HEALTH_ADDRESS`
 */
export async function startHealthServer(options: HealthOptions): Promise<HealthServer> {
  const server = createServer(({ url }, response) => {
    void answer(url ?? '', options).then(
      ({ status, body }) => send(response, status, body),
      (error: unknown) => send(response, 500, `${error}\n`),
    );
  });
  await listen(server, options);
  const { port } = server.address() as AddressInfo;
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;
  return {
    url: `http://${host}:${port}`,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function answer(
  path: string,
  { isReady, metrics }: HealthOptions,
): Promise<{ readonly status: number; readonly body: string }> {
  if (path === '/healthz') return { status: 200, body: 'ok\n' };
  if (path === '/readyz') {
    return isReady() ? { status: 200, body: 'ready\n' } : { status: 503, body: 'not ready\n' };
  }
  if (path === '/metrics') return { status: 200, body: await metrics.text() };
  return { status: 404, body: `nothing at ${path}\n` };
}

function send(response: ServerResponse, status: number, body: string): void {
  const contentType = 'text/plain; version=0.0.4; charset=utf-8';
  response.writeHead(status, { 'content-type': contentType, 'cache-control': 'no-cache' });
  response.end(body);
}

async function listen(server: Server, { host, port }: HealthOptions): Promise<void> {
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    throw new HealthAddressError(
      `FORETICK_HEALTH_HOST and FORETICK_HEALTH_PORT must be free to listen on, were ${host} and ${port}: ${error}`,
      { host, port },
      error,
    );
  }
}
