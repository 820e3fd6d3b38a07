import { ForecastClient } from '#shared/client/forecast-client.ts';
import type { Listener } from '#shared/client/listener.ts';
import { Actor } from './actor.ts';
import { clockOf } from './actor-clock.ts';
import { ClientCheck, type ClientWish } from './client-check.ts';
import type { World } from './world.ts';

/** One user over all lives of its program: the real client, and a check of what it hands out. */
export class ClientSlot {
  readonly check: ClientCheck;
  readonly #world: World;
  #client: ForecastClient | null = null;
  #lives = 0;
  actor = new Actor('nobody');

  constructor(name: string, wish: ClientWish, world: World) {
    this.#world = world;
    this.check = new ClientCheck(name, wish, world.violations);
  }

  /** The user's program ends at any moment and begins again where its position was. */
  restart(): void {
    const { scheduler } = this.#world;
    const position = this.#client?.position ?? null;
    this.actor.isAlive = false;
    void this.#client?.close();
    this.#lives += 1;
    const actor = new Actor(`${this.check.name}.${this.#lives}`);
    this.actor = actor;
    this.check.resumeAt(position);
    const { symbols, maxRateHz, delta } = this.check.wish;
    this.#client = scheduler.as(
      actor,
      () =>
        new ForecastClient(
          {
            url: 'simulated:',
            ...{ symbols, delta },
            ...(maxRateHz === null ? {} : { maxRateHz }),
            ...(position === null ? {} : { position }),
            reconnectBaseMs: 20,
            reconnectCapMs: 200,
            random: () => scheduler.random.next(),
          },
          this.#listener(actor),
        ),
    );
    this.#client.done.catch((error: unknown) => this.#world.failed(actor, error));
  }

  #listener(actor: Actor): Listener {
    const { scheduler } = this.#world;
    const clock = clockOf(scheduler, actor);
    const dawdle = async (): Promise<void> => {
      if (scheduler.chance(0.1)) await clock.sleep(scheduler.pick(30));
    };
    return {
      onWelcome: ({ run }) => {
        const current = this.#world.run;
        if (actor.isAlive && run === current.name) this.check.welcome(current);
      },
      onForecasts: async (message) => {
        if (!actor.isAlive) return;
        this.check.forecasts(message);
        await dawdle();
      },
      onSnapshot: async (message) => {
        if (!actor.isAlive) return;
        this.check.snapshot(message);
        await dawdle();
      },
    };
  }

  /** Conflated forecasts are accounted for by the position. */
  hasAll(): boolean {
    this.check.advanced(this.#client?.position ?? null);
    return this.check.hasAllOf(this.#world.run.name);
  }
}
