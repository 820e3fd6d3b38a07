import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { aServeConfig } from './a-serve-config.ts';

const PROGRAM = join(import.meta.dirname, 'serve-process.ts');

/** A gateway in a process of its own; see serve-process.ts. */
export class RunningGateway {
  readonly port: number;
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #said: () => string;

  private constructor(
    port: number,
    child: ChildProcess,
    lines: AsyncIterator<string>,
    said: () => string,
  ) {
    this.port = port;
    this.#child = child;
    this.#lines = lines;
    this.#said = said;
  }

  static async start(over: Parameters<typeof aServeConfig>[0] = {}): Promise<RunningGateway> {
    // One arena and a small nursery: what glibc and V8 keep for later grows with the load, and would hide a leak.
    const env = { ...process.env, MALLOC_ARENA_MAX: '1' };
    const words = ['--expose-gc', '--max-semi-space-size=2', PROGRAM, JSON.stringify(over)];
    const child = spawn(process.execPath, words, { env });
    let said = '';
    child.stderr.on('data', (part) => {
      said += part;
    });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const first = await lines.next();
    if (first.done === true) throw new Error(`the gateway did not start: ${said}`);
    const { port } = JSON.parse(first.value) as { port: number };
    return new RunningGateway(port, child, lines, () => said);
  }

  /** What it wrote to stderr. */
  get complaints(): string {
    return this.#said();
  }

  get isAlive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  async tell<T>(line: string): Promise<T> {
    this.#child.stdin?.write(`${line}\n`);
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error(`the gateway ended: ${this.complaints}`);
    return JSON.parse(value) as T;
  }

  async stop(): Promise<void> {
    if (!this.isAlive) return;
    const ended = once(this.#child, 'exit');
    this.#child.stdin?.end();
    await ended;
  }
}
