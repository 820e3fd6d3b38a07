import { type Grant, OPEN_GRANT } from '#services/serve/access/grant.ts';
import { ClientSession, type Connection } from '#services/serve/client-session.ts';
import { followFeed, loadFeed } from '#services/serve/feed-from-log.ts';
import { LiveFeed } from '#services/serve/live-feed.ts';
import type { Encoding } from '#services/serve/message-encoding.ts';
import { Welcomes } from '#services/serve/welcomes.ts';
import type { Limits } from '#shared/wire/message.ts';
import type { Actor } from './actor.ts';
import { clockOf } from './actor-clock.ts';
import type { Peer, SimulatedSocket } from './simulated-socket.ts';
import type { World } from './world.ts';

const HEARTBEAT_MS = 300;
const FLUSH_MS = 40;
const RESTART_MS = 60;

/** Small enough that a client which stops reading for a while meets every one of them. */
const LIMITS: Limits = {
  messageBytes: 64 * 1024,
  fragments: 64,
  requestsPerSecond: 100,
  symbolsPerSubscription: 100,
  patternsPerSubscription: 10,
  connections: 100,
  bufferedBytes: 8_000,
  slowMs: 120,
};

/** One gateway over all its lives: what `startServe` makes of feed, following and sessions, without HTTP and sockets. */
export class GatewaySlot {
  readonly name: string;
  readonly #world: World;
  readonly #sockets = new Set<SimulatedSocket>();
  #actor: Actor | null = null;
  #feed: LiveFeed | null = null;
  #lives = 0;
  gapCount = 0;

  constructor(name: string, world: World) {
    this.name = name;
    this.#world = world;
  }

  get actor(): Actor | null {
    return this.#actor;
  }

  get isServing(): boolean {
    return this.#feed !== null;
  }

  start(): void {
    if (this.#actor !== null) return;
    this.#lives += 1;
    const run = (actor: Actor): Promise<void> => this.#run(actor);
    this.#actor = this.#world.born(`${this.name}.${this.#lives}`, run, () => this.crash());
  }

  /** Its memory and its connections are gone; it starts again by itself. */
  crash(): void {
    const { scheduler } = this.#world;
    const actor = this.#actor;
    if (actor === null) return;
    this.gapCount += this.#feed?.rings.gapCount ?? 0;
    actor.isAlive = false;
    this.#actor = null;
    this.#feed = null;
    for (const socket of this.#sockets) socket.cut(scheduler.chance(0.7));
    this.#sockets.clear();
    scheduler.later(scheduler.pick(RESTART_MS), `${this.name} restarts`, () => this.start());
  }

  /** Counts what is under way too. */
  allGaps(): number {
    return this.gapCount + (this.#feed?.rings.gapCount ?? 0);
  }

  /** Null where it is down. */
  accept(socket: SimulatedSocket, connection: Connection): Peer | null {
    const [actor, feed] = [this.#actor, this.#feed];
    if (actor === null || feed === null) return null;
    const { scheduler } = this.#world;
    this.#sockets.add(socket);
    const spoken = { limits: LIMITS, heartbeatMs: HEARTBEAT_MS, flushMs: FLUSH_MS };
    const welcomes = new Welcomes({ feed, ...spoken });
    const options = {
      ...{ feed, limits: LIMITS, verify: null },
      nowMs: () => scheduler.nowMs,
      welcome: (grant: Grant, encoding: Encoding) => welcomes.frame(grant, encoding),
    };
    const session = new ClientSession(connection, options, OPEN_GRANT);
    this.#sessions.set(socket, session);
    return {
      actor,
      receive: (text) => session.receive(text),
      end: () => {
        this.#sockets.delete(socket);
        this.#sessions.delete(socket);
        session.end();
      },
    };
  }

  readonly #sessions = new Map<SimulatedSocket, ClientSession>();

  cutOne(): void {
    const { scheduler } = this.#world;
    const sockets = [...this.#sockets];
    if (sockets.length > 0) sockets[scheduler.pick(sockets.length)].cut(scheduler.chance(0.7));
  }

  async #run(actor: Actor): Promise<void> {
    const { scheduler, ringEntries } = this.#world;
    const log = this.#world.logOf(actor);
    const clock = clockOf(scheduler, actor);
    const feed = new LiveFeed({ run: log.run, partitionCount: log.partitionCount, ringEntries });
    const nowMs = () => clock.nowMs();
    const options = { log, feed, ringEntries, nowMs, onForecasts: () => {} };
    const ends = await loadFeed(options);
    const readings = await followFeed(options, ends);
    const failed = Promise.all(readings.map((reading) => reading.done));
    failed.catch((error: unknown) => {
      this.#world.failed(actor, error);
      if (actor.isAlive) this.crash();
    });
    this.#feed = feed;
    for (;;) {
      await clock.sleep(FLUSH_MS);
      feed.flush(clock.nowMs());
      for (const session of this.#sessions.values()) session.checkPace(clock.nowMs());
    }
  }
}
