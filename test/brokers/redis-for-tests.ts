import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';

const START_MS = 10_000;

/** Where the tests' Redis comes from: `FORETICK_REDIS_URL`, else a redis-server of this machine, else nowhere. */
export type RedisSource =
  | { readonly from: 'environment'; readonly url: string }
  | { readonly from: 'native'; readonly program: string }
  | { readonly from: 'nowhere'; readonly reason: string };

/** In CI its absence is an error, as a test that never runs is no test. */
export function findRedis(): RedisSource {
  const url = process.env['FORETICK_REDIS_URL'];
  if (url !== undefined && url !== '') return { from: 'environment', url };
  const program = findServer();
  if (program !== null) return { from: 'native', program };
  return { from: 'nowhere', reason: 'no FORETICK_REDIS_URL and no redis-server on the PATH' };
}

/**
 * A redis-server of this machine, for what cannot be done to a borrowed one: killing it, losing its files. In CI its absence is an
 * error.
 */
export function findServer(): string | null {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const found = folders.map((folder) => join(folder, 'redis-server')).find(isExecutable);
  if (found === undefined && process.env['CI'] !== undefined) {
    throw new Error('no redis-server on the PATH');
  }
  return found ?? null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    // Not there, or not for us: the next place is tried.
    return false;
  }
}

/** A redis-server of our own on a free loopback port, every write on the disk before it is acknowledged. */
export class RedisServer {
  readonly port: number;
  readonly #program: string;
  readonly #folder: string;
  #child: ChildProcess | null = null;

  private constructor(program: string, folder: string, port: number) {
    this.#program = program;
    this.#folder = folder;
    this.port = port;
  }

  static async start(program: string, more: readonly string[] = []): Promise<RedisServer> {
    const folder = await mkdtemp(join(tmpdir(), 'foretick-redis-'));
    const server = new RedisServer(program, folder, await freePort());
    await server.start(more);
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Its files: the append-only file in `appendonlydir`, dumps in `dump.rdb`. */
  get folder(): string {
    return this.#folder;
  }

  /** On the files that are there. */
  async start(more: readonly string[] = []): Promise<void> {
    const safe = ['--appendonly', 'yes', '--appendfsync', 'always', '--save', ''];
    const place = ['--port', `${this.port}`, '--bind', '127.0.0.1', '--dir', this.#folder];
    const child = spawn(this.#program, [...place, ...safe, ...more], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#child = child;
    const lines = createInterface({ input: child.stdout });
    const said: string[] = [];
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    lines.on('line', (line) => {
      said.push(line);
      if (line.includes('Ready to accept connections')) resolve();
    });
    const failed = (why: string) => reject(new Error(`redis-server ${why}:\n${said.join('\n')}`));
    child.once('error', reject).once('exit', (code) => failed(`ended with ${code}`));
    const timer = setTimeout(() => failed(`was not ready in ${START_MS} ms`), START_MS);
    await promise.finally(() => clearTimeout(timer));
  }

  /** kill -9, and nothing of it is left running. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  async close(): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true });
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('a port must be a number');
  return address.port;
}
