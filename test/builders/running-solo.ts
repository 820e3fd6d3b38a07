import { type ChildProcess, spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { REACH_MS } from './eventually.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const ADDRESS = /dashboard at (http:\/\/[^/]+)\//;

export interface SoloOptions {
  readonly dataDir: string;
  /** 0: a free one. */
  readonly port: number;
  readonly environment?: Readonly<Record<string, string>>;
  /** Started as the README says, by `npm start`, instead of by its file. */
  readonly npm?: boolean;
}

/** The product as a user starts it: its own process, its own folder, ended by its id. */
export class RunningSolo {
  /** `http://127.0.0.1:port` */
  readonly url: string;
  readonly #process: ChildProcess;
  readonly #exit: Promise<number | null>;

  private constructor(url: string, process: ChildProcess, exit: Promise<number | null>) {
    this.url = url;
    this.#process = process;
    this.#exit = exit;
  }

  /** Resolves when it has printed its address. */
  static async start({ dataDir, port, environment, npm }: SoloOptions): Promise<RunningSolo> {
    const [command, ...args] = npm ? ['npm', 'start'] : [process.execPath, 'services/solo/main.ts'];
    const child = spawn(command, args, {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own: npm does not pass signals on to what it runs, so a signal goes to all, as Ctrl+C does.
      detached: true,
      env: {
        ...process.env,
        FORETICK_DATA_DIR: dataDir,
        FORETICK_PORT: `${port}`,
        FORETICK_LOG_LEVEL: 'warn',
        FORETICK_DRAIN_SECONDS: `${REACH_MS / 1000}`,
        ...environment,
      },
    });
    const exit = new Promise<number | null>((done) => child.once('exit', (code) => done(code)));
    return new RunningSolo(await addressOf(child, exit), child, exit);
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  get streamUrl(): string {
    return `ws://127.0.0.1:${this.port}/v1/stream`;
  }

  /** As the power going out: no drain, no flush. */
  async kill(): Promise<void> {
    this.#signal('SIGKILL');
    await this.#exit;
  }

  /** @returns the exit code after a drain */
  async stop(): Promise<number | null> {
    this.#signal('SIGTERM');
    return this.#exit;
  }

  #signal(signal: NodeJS.Signals): void {
    const { pid, exitCode, signalCode } = this.#process;
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    process.kill(-pid, signal);
  }
}

function addressOf(child: ChildProcess, exit: Promise<number | null>): Promise<string> {
  const { promise, resolve: found, reject } = Promise.withResolvers<string>();
  let said = '';
  const hear = (chunk: Buffer): void => {
    said += chunk.toString();
    const address = ADDRESS.exec(said);
    if (address !== null) found(address[1]);
  };
  child.stdout?.on('data', hear);
  child.stderr?.on('data', hear);
  void exit.then((code) => reject(new Error(`solo ended with ${code} and said:\n${said}`)));
  const timer = setTimeout(
    () => reject(new Error(`no address from solo, it said:\n${said}`)),
    REACH_MS,
  );
  return promise.finally(() => clearTimeout(timer));
}
