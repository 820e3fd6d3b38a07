import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { ForecastPack } from '#shared/forecast/forecast.ts';
import { encodeForecastPack } from '#shared/forecast/forecast-record.ts';
import type { EdgeCase, ServerAnswer, ServerMark } from './edge-case.ts';

/** A server in a process of its own. */
export interface ServerProcess {
  readonly port: number;
  give(pack: ForecastPack): void;
  mark(isIdle: boolean): Promise<ServerMark>;
  end(): Promise<void>;
}

/** Ours, or the bare loop: edge-server.ts. */
export async function startNodeServer(what: EdgeCase): Promise<ServerProcess> {
  const child = fork(join(import.meta.dirname, 'edge-server.ts'), {
    execArgv: ['--expose-gc'],
    serialization: 'advanced',
  });
  child.send({ kind: 'start', what });
  const { port } = await answerOf<ServerAnswer, 'listening'>(child, 'listening');
  return {
    port,
    give: (pack) => {
      if (child.connected) child.send({ kind: 'pack', bytes: encodeForecastPack(pack) });
    },
    mark: (isIdle) => {
      child.send({ kind: 'mark', isIdle });
      return answerOf<ServerAnswer, 'marked'>(child, 'marked');
    },
    end: () => endChild(child),
  };
}

export async function endChild(child: ChildProcess): Promise<void> {
  if (child.connected) child.disconnect();
  if (child.exitCode === null) await once(child, 'exit');
}

/** @throws Error where the process ends before it answers */
export function answerOf<T extends { readonly kind: string }, K extends T['kind']>(
  child: ChildProcess,
  kind: K,
): Promise<Extract<T, { kind: K }>> {
  return new Promise((resolve, reject) => {
    const onMessage = (message: unknown): void => {
      if ((message as T).kind !== kind) return;
      leave();
      resolve(message as Extract<T, { kind: K }>);
    };
    const onExit = (code: number | null): void => {
      leave();
      reject(new Error(`a process was to answer ${kind}, it ended with code ${code}`));
    };
    const leave = (): void => {
      child.off('message', onMessage);
      child.off('exit', onExit);
    };
    child.on('message', onMessage);
    child.on('exit', onExit);
  });
}
