import type { PredictConfig } from '#services/predict/config.ts';
import { PipelineError } from '#shared/errors.ts';
import type { Logger } from '#shared/runtime/logger.ts';
import { Actor } from './actor.ts';
import type { ClientWish } from './client-check.ts';
import { ClientSlot } from './client-slot.ts';
import { GatewaySlot } from './gateway-slot.ts';
import { setHost } from './host-globals.ts';
import { Network } from './network.ts';
import type { Plan } from './plan.ts';
import { PredictSlot } from './predict-slot.ts';
import { RedisServer } from './redis-server.ts';
import { Scheduler } from './scheduler.ts';
import { ARTEFACTS } from './settings.ts';
import { type LogQuirks, SimulatedLog } from './simulated-log.ts';
import { ModelShelf } from './simulated-models.ts';
import type { StoreLink } from './simulated-redis.ts';
import { SimulatedRun, type SimulatedRunOptions } from './simulated-run.ts';
import { SnapshotShelf } from './simulated-snapshots.ts';
import { SimulatedSocket } from './simulated-socket.ts';
import { symbolsOf } from './tape.ts';
import type { Trace } from './trace.ts';
import { Violations } from './violations.ts';

const MINUTE_MS = 60_000;

/** Everything of one seed: what outlives processes, the processes, and the checks. */
export class World {
  readonly plan: Plan;
  readonly scheduler: Scheduler;
  readonly network: Network;
  readonly store: StoreLink;
  readonly models = new ModelShelf();
  readonly snapshots = new SnapshotShelf();
  readonly quirks: LogQuirks;
  readonly violations = new Violations();
  readonly predicts: readonly PredictSlot[];
  readonly gateways: readonly GatewaySlot[];
  readonly clients: readonly ClientSlot[];
  readonly predictConfig: PredictConfig;
  readonly ringEntries: number;
  /** The life of the log that there is now. */
  run: SimulatedRun;
  /** Error codes that ended a process where the seed expects it; null: none may end by an error. */
  refusals: string[] | null = null;
  /** The log deletes from its beginning: a gateway that begins meanwhile may have to begin again. */
  deletesTicks = false;
  /** How often a stored state was torn. */
  tearCount = 0;

  constructor(seed: number, plan: Plan, trace: Trace) {
    this.plan = plan;
    this.scheduler = new Scheduler(seed, trace);
    this.network = new Network(this.scheduler, plan.lossRate);
    this.store = { server: new RedisServer(), network: this.network, downUntilMs: 0 };
    this.quirks = { ...plan, skips: new Set() };
    this.run = this.#newRun(`run-${seed}`, plan);
    this.store.server.onClaim = (effect) => this.run.states.claimed(effect);
    this.store.server.onCommit = (effect) => this.run.states.committed(effect);
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

  /** The log is made anew, under a new name and with less in it; whoever reads it begins anew too. */
  beginRun(name: string): void {
    this.run = this.#newRun(name, { ...this.plan, tickCount: 12 });
    for (const slot of this.gateways) slot.crash();
    for (const slot of this.predicts) slot.start();
  }

  logOf(actor: Actor): SimulatedLog {
    const { network, quirks } = this;
    const { broker, group } = this.run;
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

  /** One life of a process. @param crash called where `run` ends by an error */
  born(name: string, run: (actor: Actor) => Promise<void>, crash: () => void): Actor {
    const actor = new Actor(name);
    this.scheduler.as(actor, () => {
      run(actor).catch((error: unknown) => {
        this.failed(actor, error);
        crash();
      });
    });
    return actor;
  }

  /** A process ended by an error, or could not begin. */
  failed(actor: Actor, error: unknown): void {
    if (!actor.isAlive) return;
    const code = error instanceof PipelineError ? error.code : String(error);
    this.scheduler.trace.note(this.scheduler.nowMs, `${actor.name} ended with ${code}`);
    if (this.deletesTicks && actor.name.startsWith('gateway') && code === 'LOG_TRUNCATED') return;
    if (this.refusals !== null) {
      if (actor.name.startsWith('predict')) this.refusals.push(code);
      return;
    }
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.violations.add(`${actor.name} ended with ${code}: ${message}`);
  }

  key(partition: number): string {
    return `{sim:${this.run.name}:${partition}}:ck`;
  }

  storedNext(partition: number): number {
    return Number(this.store.server.fields(this.key(partition)).get('next') ?? '0');
  }

  isStoreWhole(): boolean {
    return this.run.oracles.every(({ end }, p) => this.storedNext(p) === end);
  }

  #newRun(name: string, plan: SimulatedRunOptions['plan']): SimulatedRun {
    const { scheduler, violations } = this;
    return new SimulatedRun({ name, plan, scheduler, violations });
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

  /** The first wants everything, whole; others some, or as much as fits a rate, and only what has changed. */
  #wish(k: number): ClientWish {
    const mayBeOlder = this.plan.losesForecasts;
    if (k === 0) return { symbols: ['*'], maxRateHz: null, delta: false, mayBeOlder };
    const all = this.run.tapes.flatMap((_, p) => [...symbolsOf(p)]);
    const symbols = all.filter(() => this.scheduler.chance(0.6));
    const isConflated = k === 2 && this.scheduler.chance(0.7);
    return {
      symbols: symbols.length === 0 ? ['*'] : symbols,
      maxRateHz: isConflated ? 1 + this.#pick(20) : null,
      delta: true,
      mayBeOlder,
    };
  }

  #pick(below: number): number {
    return below === 0 ? 0 : this.scheduler.pick(below);
  }
}

function times<T>(count: number, make: (k: number) => T): T[] {
  return Array.from({ length: count }, (_, k) => make(k));
}
