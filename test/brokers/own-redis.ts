import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import type { Broker, RedisBroker } from './broker.ts';
import type { BrokerSource } from './broker-source.ts';
import { startContainer } from './container.ts';
import { freePorts } from './free-port.ts';
import { ownProcess } from './own-process.ts';

const SETTINGS = join(import.meta.dirname, '../../infra/redis/redis.conf');
const SETTINGS_THERE = '/etc/foretick/redis.conf';

export interface RedisWish {
  /** Process id of the run of tests. */
  readonly owner: number;
  readonly more?: readonly string[];
}

/** Every write on the disk before it is acknowledged, else as Compose runs it. */
export async function startRedis(source: BrokerSource, wish: RedisWish): Promise<RedisBroker> {
  const { owner, more = [] } = wish;
  const [port] = await freePorts(1);
  const url = `redis://127.0.0.1:${port}`;
  const folder = await mkdtemp(join(tmpdir(), 'foretick-redis-'));
  const always = ['--appendfsync', 'always', ...more];
  let server: Broker;
  if (source.from === 'docker') {
    server = await startContainer({
      image: source.image,
      port: { container: 6379, host: port },
      files: { [SETTINGS]: SETTINGS_THERE },
      command: ['redis-server', SETTINGS_THERE, ...always],
      mount: { source: folder, target: '/data' },
      owner,
      ask: () => askRedis(url),
    });
  } else if (source.from === 'native') {
    const place = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder];
    const native = ownProcess({
      program: 'redis-server',
      command: [SETTINGS, ...place, ...always],
      output: `${folder}.txt`,
      ask: () => askRedis(url),
    });
    server = { ...native, remove: native.kill };
    await server.start();
  } else {
    throw new Error(`no Redis can be started: ${source.from}`);
  }
  const remove = async (): Promise<void> => {
    await server.remove();
    await rm(folder, { recursive: true });
    await rm(`${folder}.txt`, { force: true });
  };
  return { ...server, remove, port, url, folder };
}

async function askRedis(url: string): Promise<void> {
  const client = new Redis(url, {
    lazyConnect: true,
    retryStrategy: null,
    maxRetriesPerRequest: 0,
    connectTimeout: 1_000,
  });
  client.on('error', () => undefined);
  try {
    // Connected means that it has read its files, too.
    await client.connect();
  } finally {
    client.disconnect();
  }
}
