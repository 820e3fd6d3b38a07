import { once } from 'node:events';
import { createServer } from 'node:http';
import type { TestProject } from 'vitest/node';
import type { Broker } from './broker.ts';
import { type BrokerName, findOwn } from './broker-source.ts';
import { isGone, removeLeftContainers } from './left-containers.ts';
import { startKafka } from './own-kafka.ts';
import { startRedis } from './own-redis.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where a test's process asks for the brokers that all share, and the process that runs the tests. */
    readonly brokers: { readonly url: string; readonly owner: number };
  }
}

/**
 * One Kafka and one Redis for all test files of a project, started when a test first asks for one. Each file runs in a process
 * of its own and this in the one above them, so they ask over HTTP.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const owner = process.pid;
  removeLeftContainers(isGone);
  const running = new Map<string, Promise<{ broker: Broker; address: string }>>();
  const server = createServer(async (request, response) => {
    const name = (request.url ?? '').slice(1) as BrokerName;
    const starting = running.get(name) ?? start(name, owner);
    running.set(name, starting);
    await starting.then(
      ({ address }) => response.end(address),
      (error: Error) => response.writeHead(500).end(`${error.stack}`),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  project.provide('brokers', { url: `http://127.0.0.1:${port}`, owner });
  return async () => {
    server.close();
    const ended = await Promise.allSettled(running.values());
    for (const one of ended) if (one.status === 'fulfilled') await one.value.broker.remove();
    removeLeftContainers((left) => left === owner);
  };
}

async function start(
  name: BrokerName,
  owner: number,
): Promise<{ broker: Broker; address: string }> {
  if (name === 'redis') {
    const broker = await startRedis(findOwn(name), { owner });
    return { broker, address: broker.url };
  }
  const broker = await startKafka(findOwn(name), owner);
  return { broker, address: broker.address };
}
