import type { Answer, Argument, RedisCalls, Script } from '#shared/state/redis/redis-connection.ts';
import { StateUnavailableError } from '#shared/state/state-errors.ts';
import type { Actor } from './actor.ts';
import type { Network } from './network.ts';
import type { RedisServer } from './redis-server.ts';

const RETRIES = 5;

/** The way to the store that all processes share; it may be cut for a while. */
export interface StoreLink {
  readonly server: RedisServer;
  readonly network: Network;
  /** Nothing gets through before. */
  downUntilMs: number;
}

/** A connection of one process: it repeats what may be repeated, and says of the rest what became of it. */
export function simulatedRedis(link: StoreLink, actor: Actor): RedisCalls {
  const { server, network } = link;
  const once = async (label: string, effect: () => unknown): Promise<Answer> => {
    const lost = new Error(`lost: ${label}`);
    const isDown = (): boolean => network.scheduler.nowMs < link.downUntilMs;
    const reached = (): Answer => (isDown() ? { lost } : { reply: effect() });
    try {
      return await network.attempt(actor, label, reached, lost);
    } catch (error) {
      if (error === lost) return { lost };
      throw error;
    }
  };
  const unavailable = (what: string, cause?: unknown): StateUnavailableError =>
    new StateUnavailableError(`the simulated store must answer, ${what}`, {}, cause);
  const untilReplied = async (label: string, effect: () => unknown): Promise<unknown> => {
    for (let attempt = 0; attempt < RETRIES; attempt += 1) {
      const answer = await once(label, effect);
      if ('reply' in answer) return answer.reply;
    }
    throw unavailable(`lost ${RETRIES} replies to ${label}`);
  };
  const effectOf =
    ({ text }: Script, key: string, args: readonly Argument[]) =>
    () =>
      text.startsWith('-- Takes a partition over')
        ? server.claim(key, args.map(String))
        : server.commit(key, args);
  return {
    requireNoEviction: async () => {},
    ask: (command, ...args) =>
      untilReplied(`${command} ${args[0]}`, () => server.command(command, args)),
    askScript: (script, key, args) => untilReplied(`claim ${key}`, effectOf(script, key, args)),
    attemptScript: (script, key, args) =>
      once(`commit ${key} from ${args[2]}`, effectOf(script, key, args)),
    unavailable,
    close: async () => {},
  };
}
