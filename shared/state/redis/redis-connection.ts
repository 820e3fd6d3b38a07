import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { StateEvictableError, StateUnavailableError } from '../state-errors.ts';

const PATIENCE_MS = 10_000;
const CONNECT_MS = 3_000;
/** Longer than a commit of hundreds of megabytes takes; a peer that is silent for so long is gone. */
const REPLY_MS = 10_000;
const RETRY_FROM_MS = 20;
const RETRY_TO_MS = 1_000;

/** A command's reply, or what became of the connection before it came: whether the command took effect is then not known. */
export type Answer = { readonly reply: unknown } | { readonly lost: Error };
export type Argument = string | Buffer;

/** What the adapters ask of a server. */
export type RedisCalls = Pick<
  RedisConnection,
  'requireNoEviction' | 'ask' | 'askScript' | 'attemptScript' | 'unavailable' | 'close'
>;

/** A Lua script and the name the server knows it by. */
export interface Script {
  readonly text: string;
  readonly sha: string;
}

export function scriptOf(text: string): Script {
  return { text, sha: createHash('sha1').update(text).digest('hex') };
}

/**
 * One connection to Redis, made again whenever it breaks. Nothing is queued while it is down and nothing is sent twice behind our
 * back, since a command that is sent late may be a dead owner's.
 */
export class RedisConnection {
  readonly #redis: Redis;
  readonly #where: string;
  readonly #patienceMs: number;
  #lastError: Error | null = null;

  private constructor(url: string, patienceMs: number) {
    const { host } = new URL(url);
    // Without user and password: it goes into messages.
    this.#where = host;
    this.#patienceMs = patienceMs;
    this.#redis = new Redis(url, {
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      connectTimeout: CONNECT_MS,
      socketTimeout: REPLY_MS,
      retryStrategy: (attempt) => Math.min(RETRY_FROM_MS * 2 ** attempt, RETRY_TO_MS),
      // A primary that became a replica keeps its connections; the next one leads to its successor.
      reconnectOnError: (error) => error.message.startsWith('READONLY'),
    });
    this.#redis.on('error', (error) => {
      this.#lastError = error;
    });
  }

  /** @throws StateUnavailableError `STATE_UNAVAILABLE`, StateEvictableError `STATE_EVICTABLE` */
  static async open(url: string, patienceMs = PATIENCE_MS): Promise<RedisConnection> {
    const connection = new RedisConnection(url, patienceMs);
    try {
      await connection.requireNoEviction();
    } catch (error) {
      await connection.close();
      throw error;
    }
    return connection;
  }

  /** Asked of INFO, since hosted servers forbid CONFIG. @throws StateEvictableError `STATE_EVICTABLE` */
  async requireNoEviction(): Promise<void> {
    const memory = String(await this.ask('INFO', 'memory'));
    const policy = /^maxmemory_policy:(\S+)/m.exec(memory)?.[1] ?? 'not told';
    if (policy === 'noeviction') return;
    throw new StateEvictableError(
      `maxmemory-policy of Redis at ${this.#where} must be noeviction, was ${policy}`,
      { where: this.#where, expected: 'noeviction', found: policy },
    );
  }

  /**
   * Sends a command that may be repeated without harm, again where the connection breaks.
   *
   * @throws StateUnavailableError `STATE_UNAVAILABLE`
   */
  ask(command: string, ...args: readonly Argument[]): Promise<unknown> {
    return this.#untilReplied(() => this.#send(command, args));
  }

  /** A script that may be repeated without harm. @throws StateUnavailableError `STATE_UNAVAILABLE` */
  askScript(script: Script, key: string, args: readonly Argument[]): Promise<unknown> {
    return this.#untilReplied(() => this.#sendScript(script, key, args));
  }

  /** Sends a script once. @throws StateUnavailableError `STATE_UNAVAILABLE` where the server refuses it: it had no effect */
  async attemptScript(script: Script, key: string, args: readonly Argument[]): Promise<Answer> {
    await this.#ready(performance.now() + this.#patienceMs);
    return this.#sendScript(script, key, args);
  }

  unavailable(what: string, cause?: unknown): StateUnavailableError {
    const because = cause instanceof Error ? `: ${cause.message}` : '';
    const message = `Redis at ${this.#where} must answer, ${what}${because}`;
    return new StateUnavailableError(message, { where: this.#where }, cause);
  }

  async close(): Promise<void> {
    this.#redis.disconnect();
  }

  async #untilReplied(send: () => Promise<Answer>): Promise<unknown> {
    const deadline = performance.now() + this.#patienceMs;
    for (;;) {
      await this.#ready(deadline);
      const answer = await send();
      if ('reply' in answer) return answer.reply;
      if (performance.now() >= deadline) {
        throw this.unavailable(`did not in ${this.#patienceMs} ms`, answer.lost);
      }
      // A socket that has just died is told of in a later turn.
      await sleep(RETRY_FROM_MS);
    }
  }

  async #sendScript(script: Script, key: string, args: readonly Argument[]): Promise<Answer> {
    try {
      return await this.#send('EVALSHA', [script.sha, '1', key, ...args]);
    } catch (error) {
      // A server forgets its scripts when it starts again.
      const isUnknown = error instanceof StateUnavailableError && isNoScript(error.cause);
      if (!isUnknown) throw error;
      return this.#send('EVAL', [script.text, '1', key, ...args]);
    }
  }

  async #send(command: string, args: readonly Argument[]): Promise<Answer> {
    try {
      return { reply: await this.#redis.callBuffer(command, ...args) };
    } catch (error) {
      if (error instanceof Error && error.name !== 'ReplyError') return { lost: error };
      throw this.unavailable(`refused ${command}`, error);
    }
  }

  async #ready(deadline: number): Promise<void> {
    if (this.#redis.status === 'ready') return;
    if (this.#redis.status === 'end') throw this.unavailable('the connection was closed');
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const ended = (): void => reject(this.unavailable('the connection was closed'));
    const timer = setTimeout(
      () => reject(this.unavailable(`did not in ${this.#patienceMs} ms`, this.#lastError)),
      Math.max(0, deadline - performance.now()),
    );
    this.#redis.once('ready', resolve).once('end', ended);
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      this.#redis.off('ready', resolve).off('end', ended);
    }
  }
}

function isNoScript(cause: unknown): boolean {
  return cause instanceof Error && cause.message.startsWith('NOSCRIPT');
}
