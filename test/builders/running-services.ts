import { type ChildProcess, spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceName } from '#services/distributed/start-service.ts';
import { REACH_MS } from './eventually.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const ADDRESS = /(http:\/\/[^/\s]+)\//;
const ASK_EVERY_MS = 50;
const SAID_LIMIT = 64_000;

type Settings = Readonly<Record<string, string>>;

/** One service as its own process, ended by its id. */
export class RunningService {
  readonly name: ServiceName;
  readonly #process: ChildProcess;
  readonly #exit: Promise<number | null>;
  readonly #address = Promise.withResolvers<string>();
  #said = '';

  constructor(name: ServiceName, settings: Settings) {
    this.name = name;
    this.#process = spawn(process.execPath, [`services/${name}/main.ts`], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...settings },
    });
    this.#exit = new Promise((done) => this.#process.once('exit', (code) => done(code)));
    this.#process.stdout?.on('data', (chunk: Buffer) => this.#hear(chunk));
    this.#process.stderr?.on('data', (chunk: Buffer) => this.#hear(chunk));
    // A failure is told by whoever waits for the address.
    this.#address.promise.catch(() => undefined);
    void this.#exit.then((code) => this.#address.reject(this.#ended(code)));
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** The newest of what it wrote to stdout and stderr. */
  get said(): string {
    return this.#said;
  }

  get isRunning(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  /** `http://127.0.0.1:port` of its health and metrics; of `serve`, of all it serves. */
  url(): Promise<string> {
    return this.#address.promise;
  }

  /** `ws://...` of `serve`. */
  async streamUrl(): Promise<string> {
    return `${(await this.url()).replace(/^http/, 'ws')}/v1/stream`;
  }

  async metrics(): Promise<string> {
    return (await fetch(`${await this.url()}/metrics`)).text();
  }

  /** Resolves once /readyz answers 200; rejects with what it said where it ends before, or is not ready in time. */
  async ready(deadlineMs = REACH_MS): Promise<this> {
    const deadline = performance.now() + deadlineMs;
    while (this.isRunning && performance.now() < deadline) {
      if (await this.#isReady()) return this;
      await sleep(ASK_EVERY_MS);
    }
    if (!this.isRunning) throw this.#ended(await this.#exit);
    throw new Error(`${this.name} was not ready in ${deadlineMs} ms and said:\n${this.#said}`);
  }

  /** @returns the exit code, null where a signal ended it */
  exited(): Promise<number | null> {
    return this.#exit;
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

  /** Stands still, as on a machine that is too busy. */
  pause(): void {
    this.#signal('SIGSTOP');
  }

  resume(): void {
    this.#signal('SIGCONT');
  }

  #signal(signal: NodeJS.Signals): void {
    if (this.isRunning) this.#process.kill(signal);
  }

  #hear(chunk: Buffer): void {
    this.#said = (this.#said + chunk.toString()).slice(-SAID_LIMIT);
    const address = ADDRESS.exec(this.#said);
    if (address !== null) this.#address.resolve(address[1]);
  }

  async #isReady(): Promise<boolean> {
    try {
      return (await fetch(`${await this.url()}/readyz`)).ok;
    } catch {
      // It does not listen yet, or has ended: the next look tells which.
      return false;
    }
  }

  #ended(code: number | null): Error {
    return new Error(`${this.name} ended with ${code} and said:\n${this.#said}`);
  }
}

/** The processes of one pipeline, with the settings that they share; `killAll` when the test has ended. */
export class RunningServices {
  readonly all: RunningService[] = [];
  readonly #shared: Settings;

  constructor(shared: Settings) {
    // Whether a drain ends well is what is asked, not how soon on a machine like this.
    const patient = { FORETICK_DRAIN_SECONDS: `${REACH_MS / 1000}` };
    this.#shared = { FORETICK_LOG_LEVEL: 'info', FORETICK_PORT: '0', ...patient, ...shared };
  }

  /** Started, not yet ready. */
  start(name: ServiceName, settings: Settings = {}): RunningService {
    const service = new RunningService(name, { ...this.#shared, ...settings });
    this.all.push(service);
    return service;
  }

  async killAll(): Promise<void> {
    await Promise.all(this.all.map((service) => service.kill()));
  }

  /** What the newest process of each name said, for a test that failed. */
  saidByAll(lines = 20): string {
    return this.all
      .map(
        ({ name, pid, said }) =>
          `--- ${name} (${pid})\n${said.split('\n').slice(-lines).join('\n')}`,
      )
      .join('\n');
  }
}
