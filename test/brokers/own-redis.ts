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
  const [port] = await freePorts(1);
  const folder = await mkdtemp(join(tmpdir(), 'foretick-redis-'));
  const place = { port, folder, url: `redis://127.0.0.1:${port}` };
  const forget = async (): Promise<void> => {
    await rm(folder, { recursive: true, force: true });
    await rm(`${folder}.txt`, { force: true });
  };
  try {
    const server = await serverAt(place, source, wish);
    const remove = async (): Promise<void> => {
      await server.remove();
      await forget();
    };
    return { ...server, ...place, remove };
  } catch (error) {
    await forget();
    throw error;
  }
}

async function serverAt(
  { port, folder, url }: Pick<RedisBroker, 'port' | 'folder' | 'url'>,
  source: BrokerSource,
  { owner, more = [] }: RedisWish,
): Promise<Broker> {
  const always = ['--appendfsync', 'always', ...more];
  const ask = (): Promise<void> => askRedis(url);
  if (source.from === 'docker') {
    return startContainer({
      image: source.image,
      port: { container: 6379, host: port },
      files: { [SETTINGS]: SETTINGS_THERE },
      command: ['redis-server', SETTINGS_THERE, ...always],
      mount: { source: folder, target: '/data' },
      owner,
      ask,
    });
  }
  if (source.from !== 'native') throw new Error(`no Redis can be started: ${source.from}`);
  const here = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder];
  const command = [SETTINGS, ...here, ...always];
  const server = ownProcess({ program: 'redis-server', command, output: `${folder}.txt`, ask });
  await server.start();
  return { ...server, remove: server.kill };
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
