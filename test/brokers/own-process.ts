import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { answers } from './answers.ts';
import type { Broker } from './broker.ts';

const START_MS = 240_000;

export interface OwnProcessOptions {
  readonly program: string;
  readonly command: readonly string[];
  /** What it says is appended there. */
  readonly output: string;
  /** @throws while it does not answer yet */
  readonly ask: () => Promise<void>;
}

/** A server as a process of this machine. It is not started yet. */
export function ownProcess(options: OwnProcessOptions): Omit<Broker, 'remove'> {
  let child: ChildProcess | null = null;
  return {
    kill: async () => {
      if (child === null || child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
    start: async () => {
      child = await started(options);
    },
    pause: async () => void child?.kill('SIGSTOP'),
    resume: async () => void child?.kill('SIGCONT'),
  };
}

async function started({
  program,
  command,
  output,
  ask,
}: OwnProcessOptions): Promise<ChildProcess> {
  const file = openSync(output, 'a');
  const child = spawn(program, command, { stdio: ['ignore', file, file] });
  closeSync(file);
  const over = new AbortController();
  const failed = new Promise<never>((_, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => reject(new Error(`ended with ${code ?? signal}`)));
  });
  // Every server ends some day, long after anybody waits for its start.
  failed.catch(() => undefined);
  try {
    await Promise.race([answers(ask, START_MS, over.signal), failed]);
    return child;
  } catch (cause) {
    child.kill('SIGKILL');
    const said = readFileSync(output, 'utf8').slice(-3_000);
    throw new Error(`${program} must start within ${START_MS} ms: ${cause}: ${said}`, { cause });
  } finally {
    over.abort();
  }
}
