import { type ChildProcess, spawn } from 'node:child_process';
import { resolve } from 'node:path';

const CLI = resolve(import.meta.dirname, '../../services/cli/main.ts');

/** Small and often, so that trainings lie on the way. */
export const SMALL_TRAINING = {
  FORETICK_TRAIN_EVERY_TICKS: '500',
  FORETICK_TRAIN_UPDATES: '1',
  FORETICK_TRAIN_WARM_UP_UPDATES: '2',
  FORETICK_TRAIN_WINDOWS: '4',
  FORETICK_TRAIN_STEPS: '16',
  FORETICK_TRAIN_GATE_RATIO: '100',
};

/** Empty, hence the defaults: handed in, they take the place of the small ones. */
export const USUAL_TRAINING = Object.fromEntries(
  Object.keys(SMALL_TRAINING).map((name) => [name, '']),
);

export interface EndedReplay {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** `foretick replay` as a process of its own in this folder, where its work folders are, too. */
export function startReplay(
  folder: string,
  args: string,
  more: Readonly<Record<string, string>> = {},
): { child: ChildProcess; ended: Promise<EndedReplay> } {
  const path = process.env['PATH'];
  const environment = { PATH: path, ...SMALL_TRAINING, FORETICK_DATA_DIR: folder, ...more };
  const child = spawn(process.execPath, [CLI, 'replay', ...args.split(' ')], {
    cwd: folder,
    env: environment,
  });
  const texts = { out: '', err: '' };
  child.stdout.on('data', (chunk) => {
    texts.out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    texts.err += chunk;
  });
  const ended = new Promise<EndedReplay>((done) => {
    child.once('close', (code) => done({ code, ...texts }));
  });
  return { child, ended };
}

/** @returns the summary of a replay that went well */
export async function replayed(
  folder: string,
  args: string,
  more: Readonly<Record<string, string>> = {},
): Promise<Record<string, unknown>> {
  const { code, out, err } = await startReplay(folder, `${args} --json`, more).ended;
  if (code !== 0) throw new Error(`the replay must go well, ended with ${code}: ${err}`);
  return JSON.parse(out) as Record<string, unknown>;
}
