import type { Reading, SubscribeOptions } from '#shared/log/event-log.ts';
import type { Actor } from './actor.ts';
import type { ConsumerGroup, GroupMember } from './consumer-group.ts';
import type { Network } from './network.ts';
import type { PartitionLanes } from './partition-lanes.ts';

/** Share of revocations that are never told. */
const UNTOLD = 0.1;

export interface GroupReadingPorts {
  readonly group: ConsumerGroup;
  readonly actor: Actor;
  readonly network: Network;
}

/** A member of the group and its lanes: what the Kafka adapter's membership does, without its heartbeats. */
export class GroupReading implements Reading, GroupMember {
  readonly done: Promise<void>;
  readonly actor: Actor;
  readonly #lanes: PartitionLanes;
  readonly #options: SubscribeOptions;
  readonly #ports: GroupReadingPorts;
  #generation = 0;
  #held: readonly number[] = [];

  constructor(lanes: PartitionLanes, options: SubscribeOptions, ports: GroupReadingPorts) {
    this.#lanes = lanes;
    this.#options = options;
    this.#ports = ports;
    this.actor = ports.actor;
    this.done = lanes.done;
    lanes.endsWith(() => this.#leave());
    this.#join();
  }

  stop(): Promise<void> {
    return this.#lanes.stop();
  }

  onTold(generation: number, partitions: readonly number[]): void {
    if (generation <= this.#generation || this.#lanes.isStopped) return;
    this.#generation = generation;
    void this.#lose().then(() => {
      if (generation !== this.#generation) return;
      this.#held = partitions;
      for (const p of partitions) {
        this.#lanes.hold(p, () => this.#options.onAssigned(p, generation));
      }
    });
  }

  onEvicted(): void {
    if (this.#lanes.isStopped) return;
    const generation = this.#generation;
    void this.#lose().then(() => {
      if (generation === this.#generation) this.#join();
    });
  }

  #join(): void {
    const { network, actor, group } = this.#ports;
    const join = (): void => {
      if (!this.#lanes.isStopped) group.join(this);
    };
    network.scheduler.later(network.latencyMs(actor), `${actor.name} joins`, join, actor);
  }

  #leave(): void {
    const { network, actor, group } = this.#ports;
    const leave = (): void => group.leave(this);
    network.scheduler.later(network.latencyMs(actor), `${actor.name} leaves`, leave);
  }

  /** Waits for the callbacks for a third of a session at most, as others wait for us meanwhile. */
  async #lose(): Promise<void> {
    const { network, actor, group } = this.#ports;
    const held = this.#held;
    this.#held = [];
    const told = held.filter(() => !network.scheduler.chance(UNTOLD));
    const released = this.#lanes.release();
    const revoked = told.map(async (p) => this.#options.onRevoked(p));
    const patience = new Promise<void>((resolve) => {
      network.scheduler.later(
        Math.ceil(group.sessionMs / 3),
        `${actor.name} rejoins`,
        resolve,
        actor,
      );
    });
    try {
      await Promise.race([Promise.all([released, ...revoked]), patience]);
    } catch (error) {
      this.#lanes.fail(error);
    }
  }
}
