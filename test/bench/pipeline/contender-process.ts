import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { ContenderName, Drained, Order, Place } from './contender.ts';

const MAIN = join(import.meta.dirname, 'contender-main.ts');

/** A contender in a process of its own, as it would run: none shares a heap, a compiler or an event loop with another. */
export class ContenderProcess {
  readonly name: ContenderName;
  readonly place: Place;
  readonly #child: ChildProcess;

  private constructor(name: ContenderName, place: Place) {
    this.name = name;
    this.place = place;
    this.#child = fork(MAIN, { serialization: 'advanced' });
  }

  static async open(name: ContenderName, place: Place): Promise<ContenderProcess> {
    const opened = new ContenderProcess(name, place);
    await opened.#ask({ do: 'open', name, place });
    return opened;
  }

  async drain(ends: readonly bigint[], isProfiled: boolean): Promise<Drained> {
    const drained = await this.#ask({ do: 'drain', ends: ends.map(String), isProfiled });
    if (drained === null) throw new Error(`${this.name} drained nothing`);
    return drained;
  }

  async start(): Promise<void> {
    await this.#ask({ do: 'start' });
  }

  async stop(): Promise<void> {
    await this.#ask({ do: 'stop' });
  }

  async end(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }

  async #ask(order: Order): Promise<Drained | null> {
    const over = new AbortController();
    const { signal } = over;
    const answered = once(this.#child, 'message', { signal });
    const died = once(this.#child, 'exit', { signal }).then(() => {
      throw new Error(`the process of ${this.name} ended`);
    });
    died.catch(() => undefined);
    this.#child.send(order);
    const [reply] = (await Promise.race([answered, died])) as [
      { readonly answer?: Drained | null; readonly error?: string },
    ];
    answered.catch(() => undefined);
    over.abort();
    if (reply.error !== undefined) throw new Error(`${this.name}: ${reply.error}`);
    return reply.answer ?? null;
  }
}
