import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
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

/** Vitest loads this file once per project; what they share is found here. */
const SHARED = Symbol.for('foretick.sharedBrokers');
const everywhere = globalThis as { [SHARED]?: { room: Promise<BrokerRoom>; users: number } };

/**
 * One Kafka and one Redis for all test files of a run, started when a test first asks for one. Each file runs in a process of its
 * own and this in the one above them, so they ask over HTTP.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const shared = everywhere[SHARED] ?? { room: BrokerRoom.open(), users: 0 };
  everywhere[SHARED] = shared;
  shared.users += 1;
  const room = await shared.room;
  project.provide('brokers', { url: room.url, owner: process.pid });
  return async () => {
    shared.users -= 1;
    if (shared.users > 0) return;
    delete everywhere[SHARED];
    await room.close();
  };
}

interface Started {
  readonly broker: Broker;
  readonly address: string;
}

class BrokerRoom {
  readonly #server: Server;
  readonly #running = new Map<BrokerName, Promise<Started>>();

  private constructor(server: Server) {
    this.#server = server;
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      void this.#answer(request, response);
    });
  }

  static async open(): Promise<BrokerRoom> {
    removeLeftContainers(isGone);
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new BrokerRoom(server);
  }

  get url(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}`;
  }

  async close(): Promise<void> {
    this.#server.close();
    const ended = await Promise.allSettled(this.#running.values());
    for (const one of ended) if (one.status === 'fulfilled') await one.value.broker.remove();
    removeLeftContainers((owner) => owner === process.pid);
  }

  async #answer({ url = '' }: IncomingMessage, response: ServerResponse): Promise<void> {
    const name = url.slice(1) as BrokerName;
    const starting = this.#running.get(name) ?? start(name);
    this.#running.set(name, starting);
    try {
      response.end((await starting).address);
    } catch (error) {
      response.writeHead(500).end(`${(error as Error).stack}`);
    }
  }
}

async function start(name: BrokerName): Promise<Started> {
  const [source, owner] = [findOwn(name), process.pid];
  if (name === 'redis') {
    const broker = await startRedis(source, { owner });
    return { broker, address: broker.url };
  }
  const broker = await startKafka(source, owner);
  return { broker, address: broker.address };
}
