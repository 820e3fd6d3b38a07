import { Random } from '#shared/nn/random.ts';
import type { Actor } from './actor.ts';
import type { Trace } from './trace.ts';

// Taken before the simulation puts its own in the place of the host's.
const hostTurn = globalThis.setImmediate;

interface Task {
  readonly atMs: number;
  readonly actor: Actor | null;
  readonly label: string;
  readonly run: () => void;
}

/**
 * Owns every turn of the simulation. What waits is a task; the seed chooses which of those that are due runs next; time stands
 * still while any is due, then jumps to the next. Between two tasks all promises run dry, so nothing happens beside them.
 */
export class Scheduler {
  readonly random: Random;
  readonly trace: Trace;
  nowMs = 0;
  stepCount = 0;
  #running: Actor | null = null;
  #tasks: Task[] = [];

  constructor(seed: number, trace: Trace) {
    this.random = new Random(seed);
    this.trace = trace;
  }

  /** Whose code runs now: the one whose task it was, as whatever follows from a task runs before the next one. */
  get actor(): Actor | null {
    return this.#running;
  }

  /** Runs code of an actor; its timers and yields are then known as its own. */
  as<T>(actor: Actor, act: () => T): T {
    const before = this.#running;
    this.#running = actor;
    try {
      return act();
    } finally {
      this.#running = before;
    }
  }

  /** @returns what takes the task back */
  later(delayMs: number, label: string, run: () => void, actor: Actor | null = null): () => void {
    const task = { atMs: this.nowMs + delayMs, actor, label, run };
    this.#tasks.push(task);
    return () => {
      const at = this.#tasks.indexOf(task);
      if (at >= 0) this.#tasks.splice(at, 1);
    };
  }

  /** Whole number in [0, below). */
  pick(below: number): number {
    return this.random.integer(below);
  }

  chance(probability: number): boolean {
    return this.random.next() < probability;
  }

  /** Runs tasks until the fact holds. @returns whether it came to hold before `limit` steps, or before nothing was left to do */
  async runUntil(fact: () => boolean, limit: number): Promise<boolean> {
    for (const end = this.stepCount + limit; this.stepCount < end; ) {
      if (fact()) return true;
      if (!this.#step()) return fact();
      await new Promise<void>((resolve) => hostTurn(resolve));
    }
    return fact();
  }

  #step(): boolean {
    const due = this.#due();
    const task = due[due.length === 1 ? 0 : this.pick(due.length)];
    if (task === undefined) return false;
    this.#tasks.splice(this.#tasks.indexOf(task), 1);
    this.stepCount += 1;
    this.trace.note(this.nowMs, task.label);
    this.#running = task.actor;
    task.run();
    return true;
  }

  /** The tasks that may run now, or else those that may run soonest. Forgets the tasks of the dead. */
  #due(): Task[] {
    let due: Task[] = [];
    let soonestMs = Number.POSITIVE_INFINITY;
    let dead = 0;
    for (const task of this.#tasks) {
      if (task.actor?.isAlive === false) {
        dead += 1;
        continue;
      }
      const atMs = Math.max(task.atMs, task.actor?.pausedUntilMs ?? 0, this.nowMs);
      if (atMs > soonestMs) continue;
      if (atMs < soonestMs) due = [];
      soonestMs = atMs;
      due.push(task);
    }
    if (dead > 0) this.#tasks = this.#tasks.filter(({ actor }) => actor?.isAlive !== false);
    if (due.length > 0) this.nowMs = soonestMs;
    return due;
  }
}
