import type { PredictConfig } from '#services/predict/config.ts';
import { PipelineError } from '#shared/errors.ts';
import type { Logger } from '#shared/runtime/logger.ts';
import type { Actor } from './actor.ts';
import { Broker } from './broker.ts';
import { ClientSlot } from './client-slot.ts';
import { ConsumerGroup } from './consumer-group.ts';
import { GatewaySlot } from './gateway-slot.ts';
import { setHost } from './host-globals.ts';
import { Network } from './network.ts';
import { PartitionOracle } from './oracle.ts';
import type { Plan } from './plan.ts';
import { PredictSlot } from './predict-slot.ts';
import { RedisServer } from './redis-server.ts';
import { Scheduler } from './scheduler.ts';
import { ARTEFACTS } from './settings.ts';
import { type LogQuirks, SimulatedLog } from './simulated-log.ts';
import { ModelShelf } from './simulated-models.ts';
import type { StoreLink } from './simulated-redis.ts';
import { SnapshotShelf } from './simulated-snapshots.ts';
import { SimulatedSocket } from './simulated-socket.ts';
import { StoreCheck } from './store-check.ts';
import { StreamCheck } from './stream-check.ts';
import { type PartitionTape, symbolsOf, tapeOf } from './tape.ts';
import type { Trace } from './trace.ts';
import { Violations } from './violations.ts';

const MINUTE_MS = 60_000;

/** Everything of one seed: what outlives processes, the processes, and the checks. */
export class World {
  readonly plan: Plan;
  readonly scheduler: Scheduler;
  readonly network: Network;
  readonly broker: Broker;
  readonly group: ConsumerGroup;
  readonly store: StoreLink;
  readonly models = new ModelShelf();
  readonly snapshots = new SnapshotShelf();
  readonly quirks: LogQuirks;
  readonly tapes: readonly PartitionTape[];
  readonly oracles: readonly PartitionOracle[];
  readonly violations = new Violations();
  readonly stream: StreamCheck;
  readonly states: StoreCheck;
  readonly predicts: readonly PredictSlot[];
  readonly gateways: readonly GatewaySlot[];
  readonly clients: readonly ClientSlot[];
  readonly predictConfig: PredictConfig;
  readonly ringEntries: number;
  /** Error codes that ended a process where the seed expects it; null: none may end by an error. */
  refusals: string[] | null = null;

  constructor(seed: number, plan: Plan, trace: Trace) {
    const { partitionCount, tickCount, switchCount } = plan;
    this.plan = plan;
    this.scheduler = new Scheduler(seed, trace);
    this.network = new Network(this.scheduler, plan.lossRate);
    this.broker = new Broker(`run-${seed}`, partitionCount);
    this.group = new ConsumerGroup(this.scheduler, partitionCount, plan.sessionMs);
    this.store = { server: new RedisServer(), network: this.network, downUntilMs: 0 };
    this.quirks = { ...plan, skips: new Set() };
    const switches = ARTEFACTS.slice(1, 1 + switchCount).map(({ sha }) => sha);
    this.tapes = tapeOf({ seed: `tape ${seed}`, partitionCount, tickCount, switches });
    this.oracles = this.tapes.map((tape, p) => new PartitionOracle(p, tape));
    this.stream = new StreamCheck(this.oracles, this.violations);
    this.states = new StoreCheck(this.oracles, this.stream, this.violations);
    this.broker.onAppended = (...what) => this.stream.appended(...what);
    this.store.server.onClaim = (effect) => this.states.claimed(effect);
    this.store.server.onCommit = (effect) => this.states.committed(effect);
    this.predictConfig = {
      sliceRecords: plan.sliceRecords,
      checkpointRecords: plan.checkpointRecords,
      checkpointMs: plan.checkpointMs,
      snapshotMinutes: plan.snapshotMs / MINUTE_MS,
    };
    this.ringEntries = plan.ringEntries;
    this.predicts = times(plan.predictCount, (k) => new PredictSlot(`predict${k}`, this));
    this.gateways = times(plan.gatewayCount, (k) => new GatewaySlot(`gateway${k}`, this));
    this.clients = times(
      plan.clientCount,
      (k) => new ClientSlot(`client${k}`, this.#wish(k), this),
    );
    for (const { sha, bytes } of ARTEFACTS) {
      this.models.put(bytes, sha === ARTEFACTS[0].sha ? 0 : this.#pick(plan.modelsLateMs), sha);
    }
  }

  /** Puts everything in motion. */
  begin(): void {
    setHost({ scheduler: this.scheduler, connect: () => this.#connect() });
    for (const slot of this.predicts) slot.start();
    for (const slot of this.gateways) slot.start();
    for (const slot of this.clients) slot.restart();
  }

  logOf(actor: Actor): SimulatedLog {
    const { broker, group, network, quirks } = this;
    return new SimulatedLog({ broker, group, network, actor, quirks });
  }

  /** What a process says becomes part of the trace. */
  loggerOf(actor: Actor): Logger {
    const { scheduler } = this;
    const note = (text: string, fields: Readonly<Record<string, unknown>> = {}): void => {
      const { error, partition } = fields;
      const code = error instanceof PipelineError ? ` ${error.code}` : '';
      scheduler.trace.note(scheduler.nowMs, `${actor.name}: ${text} ${partition ?? ''}${code}`);
    };
    return { debug: note, info: note, warn: note, error: note };
  }

  /** A process ended by an error, or could not begin. */
  failed(actor: Actor, error: unknown): void {
    if (!actor.isAlive) return;
    const code = error instanceof PipelineError ? error.code : String(error);
    this.scheduler.trace.note(this.scheduler.nowMs, `${actor.name} ended with ${code}`);
    if (this.refusals !== null) {
      if (actor.name.startsWith('predict')) this.refusals.push(code);
      return;
    }
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.violations.add(`${actor.name} ended with ${code}: ${message}`);
  }

  key(partition: number): string {
    return `{sim:${this.broker.run}:${partition}}:ck`;
  }

  storedNext(partition: number): number {
    return Number(this.store.server.fields(this.key(partition)).get('next') ?? '0');
  }

  isStoreWhole(): boolean {
    return this.oracles.every(({ end }, p) => this.storedNext(p) === end);
  }

  isAtRest(): boolean {
    return this.stream.isWhole() && this.clients.every((client) => client.hasAll());
  }

  #connect(): SimulatedSocket {
    const { scheduler } = this;
    const { actor } = scheduler;
    if (actor === null) throw new Error('only a client connects');
    const gateway = this.gateways[this.#pick(this.gateways.length)];
    const socket: SimulatedSocket = new SimulatedSocket({
      scheduler,
      client: actor,
      accept: (connection) => gateway.accept(socket, connection),
    });
    return socket;
  }

  /** The first wants everything, others some, or as much as fits a rate. */
  #wish(k: number): { readonly symbols: readonly string[]; readonly maxRateHz: number | null } {
    if (k === 0) return { symbols: ['*'], maxRateHz: null };
    const all = this.tapes.flatMap((_, p) => [...symbolsOf(p)]);
    const symbols = all.filter(() => this.scheduler.chance(0.6));
    const isConflated = k === 2 && this.scheduler.chance(0.7);
    return {
      symbols: symbols.length === 0 ? ['*'] : symbols,
      maxRateHz: isConflated ? 1 + this.#pick(20) : null,
    };
  }

  #pick(below: number): number {
    return below === 0 ? 0 : this.scheduler.pick(below);
  }
}

function times<T>(count: number, make: (k: number) => T): T[] {
  return Array.from({ length: count }, (_, k) => make(k));
}
