import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { onTestFinished } from 'vitest';
import type { LocalLog } from '#shared/log/embedded/local-log.ts';
import { openMemoryLog } from '#shared/log/embedded/memory-log.ts';
import { asSymbol } from '#shared/market/symbol.ts';
import type { Commit } from '#shared/state/partition-commit.ts';
import { openRedisCommit, type RedisCommit } from '#shared/state/redis/redis-commit.ts';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

export interface RedisRunOptions {
  readonly url: string;
  /** Where the test itself looks, if not there: a proxy's connections are for cutting. */
  readonly direct?: string;
  readonly patienceMs?: number;
  readonly log?: LocalLog;
}

/** A run of its own on a Redis, over a memory log; all of it is closed when the test has ended. */
export class RedisRun {
  readonly log: LocalLog;
  readonly prefix = `test-${randomUUID()}`;
  /** Beside the adapter: how a test sees and changes what is stored. */
  readonly raw: Redis;
  readonly #options: RedisRunOptions;

  constructor(options: RedisRunOptions) {
    this.#options = options;
    this.log = options.log ?? openMemoryLog({ partitionCount: 2 });
    this.raw = new Redis(options.direct ?? options.url, { retryStrategy: () => 20 });
    // It is tried again until the server is back.
    this.raw.on('error', () => undefined);
    onTestFinished(() => this.#leave());
  }

  async commit(
    over: { readonly url?: string; readonly log?: Pick<LocalLog, 'append'> } = {},
  ): Promise<RedisCommit> {
    const { url, patienceMs } = this.#options;
    const { prefix, log } = this;
    const patience = patienceMs === undefined ? {} : { patienceMs };
    const store = await openRedisCommit({ url, prefix, run: log.run, log, ...patience, ...over });
    onTestFinished(() => store.close());
    return store;
  }

  key(partition = 0): string {
    return `{${this.prefix}:${this.log.run}:${partition}}:ck`;
  }

  /** What is stored of a partition, byte for byte. */
  stored(partition = 0): Promise<Record<string, Buffer>> {
    return this.raw.hgetallBuffer(this.key(partition));
  }

  /** Nothing of ours stays in a Redis that outlives the tests; one of our own may be down by now. */
  async #leave(): Promise<void> {
    if ((this.#options.direct ?? this.#options.url) === process.env['FORETICK_REDIS_URL']) {
      const keys = await this.raw.keys(`{${this.prefix}*`);
      if (keys.length > 0) await this.raw.del(...keys);
    }
    this.raw.disconnect();
  }

  async forecasts(partition = 0): Promise<string[]> {
    const texts: string[] = [];
    for await (const page of this.log.read('forecasts', partition, 0n, 1n << 62n)) {
      texts.push(...page.map(({ value }) => new TextDecoder().decode(value)));
    }
    return texts;
  }
}

/** A commit of partition 0 of symbols a and b; each of its bytes says which position it is of. */
export function aStep(token: string, base: bigint, next: bigint, symbols = ['a', 'b']): Commit {
  return {
    partition: 0,
    token,
    base,
    next,
    partitionState: bytesOf(`all at ${next}`),
    symbols: symbols.map((name) => ({
      symbol: asSymbol(name),
      bytes: bytesOf(`${name} at ${next}`),
    })),
    outputs: [{ topic: 'forecasts', partition: 0, values: [bytesOf(`f${next}`)] }],
  };
}

/** All symbols of a partition, as text. */
export async function loaded(store: RedisCommit, partition = 0): Promise<Record<string, string>> {
  const symbols: Record<string, string> = {};
  for await (const page of store.load(partition)) {
    for (const { symbol, bytes } of page) symbols[symbol] = new TextDecoder().decode(bytes);
  }
  return symbols;
}
