import { type RunningPredict, startPredict } from '#services/predict/service.ts';
import { memoryMetrics } from '#shared/runtime/memory-metrics.ts';
import { redisCommitOver } from '#shared/state/redis/redis-commit.ts';
import type { Actor } from './actor.ts';
import { clockOf } from './actor-clock.ts';
import { SETTINGS } from './settings.ts';
import { simulatedModels } from './simulated-models.ts';
import { simulatedRedis } from './simulated-redis.ts';
import { simulatedSnapshots } from './simulated-snapshots.ts';
import type { World } from './world.ts';

const RESTART_MS = 80;

/** One predict process over all its lives: the real service, started again whenever it ends. */
export class PredictSlot {
  readonly name: string;
  readonly #world: World;
  #actor: Actor | null = null;
  #running: RunningPredict | null = null;
  #lives = 0;
  #isWanted = false;

  constructor(name: string, world: World) {
    this.name = name;
    this.#world = world;
  }

  get actor(): Actor | null {
    return this.#actor;
  }

  start(): void {
    this.#isWanted = true;
    if (this.#actor !== null) return;
    this.#lives += 1;
    const run = (actor: Actor): Promise<void> => this.#run(actor);
    this.#actor = this.#world.born(`${this.name}.${this.#lives}`, run, () => this.crash());
  }

  /** All memory is gone at once; started again by itself. */
  crash(): void {
    const actor = this.#actor;
    if (actor === null) return;
    this.#world.run.group.silent(actor, Number.POSITIVE_INFINITY);
    this.#forget(actor);
    this.#startLater();
  }

  /** A graceful end. @param isForGood else it starts again */
  async stop(isForGood: boolean): Promise<void> {
    if (isForGood) this.#isWanted = false;
    const [actor, running] = [this.#actor, this.#running];
    if (actor === null) return;
    if (running === null) return this.crash();
    await this.#world.scheduler.as(actor, () => running.stop());
    if (this.#actor !== actor) return;
    this.#forget(actor);
    this.#startLater();
  }

  #forget(actor: Actor): void {
    actor.isAlive = false;
    this.#actor = null;
    this.#running = null;
  }

  #startLater(): void {
    const { scheduler } = this.#world;
    scheduler.later(scheduler.pick(RESTART_MS), `${this.name} restarts`, () => {
      if (this.#isWanted) this.start();
    });
  }

  async #run(actor: Actor): Promise<void> {
    const world = this.#world;
    const { scheduler, network } = world;
    const log = world.logOf(actor);
    const commit = redisCommitOver(simulatedRedis(world.store, actor), {
      prefix: 'sim',
      run: log.run,
      log,
    });
    const ports = {
      log,
      commit,
      models: simulatedModels(world.models, network, actor),
      snapshots: simulatedSnapshots(world.snapshots, network, actor),
      clock: clockOf(scheduler, actor),
      logger: world.loggerOf(actor),
      metrics: memoryMetrics(),
      random: () => scheduler.random.next(),
    };
    const running = await startPredict(ports, world.predictConfig, SETTINGS);
    this.#running = running;
    await running.done;
  }
}
