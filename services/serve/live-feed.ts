import type { ForecastPack } from '#shared/forecast/forecast.ts';
import type { ModelEvent } from '#shared/forecast/model-event.ts';
import type { ScoreRecord } from '#shared/forecast/score.ts';
import type { ModelsMessage, WireScore, WireTick } from '#shared/wire/message.ts';
import type { Channel } from '#shared/wire/request.ts';
import { Broadcast } from './broadcast.ts';
import { EVERY_FLUSH, type FlushPace } from './flush-pace.ts';
import { ForecastRings } from './forecast-rings.ts';
import { GatewayHealth } from './gateway-health.ts';
import { HealthFanout } from './health-fanout.ts';
import { frameOf } from './message-encoding.ts';
import { ModelTimeline } from './model-timeline.ts';
import { NewestFanout } from './newest-fanout.ts';
import type { Receiver } from './receiver.ts';
import { RollingScores } from './rolling-scores.ts';
import { Snapshots } from './snapshots.ts';
import { SymbolFanout } from './symbol-fanout.ts';
import type { SymbolFilter } from './symbol-filter.ts';
import { TickPrices } from './tick-prices.ts';

export interface LiveFeedOptions {
  readonly run: string;
  readonly partitionCount: number;
  readonly ringEntries: number;
  /** When the gateway began. */
  readonly startMs?: number;
  /** How often it is flushed; absent: each flush tells everyone. */
  readonly pace?: FlushPace;
}

/** All that clients can see: the newest of every topic, and who wants to hear of it. Nothing here waits. */
export class LiveFeed {
  readonly rings: ForecastRings;
  readonly snapshots: Snapshots;
  readonly prices = new TickPrices();
  readonly models = new ModelTimeline();
  readonly forecasts: SymbolFanout;
  readonly ticks: NewestFanout<WireTick>;
  readonly scores: NewestFanout<WireScore>;
  readonly health: HealthFanout;
  readonly #modelReceivers = new Broadcast();
  readonly #rolling = new RollingScores();

  constructor(options: LiveFeedOptions) {
    this.rings = new ForecastRings({ ...options, capacity: options.ringEntries });
    this.snapshots = new Snapshots(this.rings);
    const { pace = EVERY_FLUSH } = options;
    this.forecasts = new SymbolFanout(() => this.rings.levels, pace);
    this.ticks = new NewestFanout<WireTick>({
      merge: (older, newer) => ({ ...newer, merged: older.merged + newer.merged + 1 }),
      frame: (ticks, encoding) => frameOf({ type: 'ticks', ticks }, encoding),
      leastGapMs: pace.periodMs,
    });
    this.scores = new NewestFanout<WireScore>({
      merge: (_older, newer) => newer,
      frame: (scores, encoding) => frameOf({ type: 'scores', scores }, encoding),
      leastGapMs: pace.periodMs,
    });
    this.health = new HealthFanout(this.rings, new GatewayHealth(options.startMs ?? 0));
  }

  /** @returns how many entries were new */
  takeForecasts(partition: number, pack: ForecastPack, nowMs: number): number {
    const taken = this.rings.take(partition, pack, nowMs);
    for (const entry of taken) this.health.facts.takeEntry(entry, nowMs);
    this.forecasts.take(taken, nowMs);
    return taken.length;
  }

  /** What the log held before the gateway began: no news, so that no rate counts it. */
  readBackForecasts(partition: number, pack: ForecastPack, nowMs: number): void {
    const taken = this.rings.take(partition, pack);
    for (const entry of taken) this.health.facts.knowEntry(entry, nowMs);
    this.forecasts.take(taken, nowMs);
  }

  takeScore(record: ScoreRecord): void {
    const score = this.#rolling.take(record);
    if (score === null) return;
    this.rings.realised.take(record.src, score);
    this.scores.offer(score);
  }

  takeModelEvent(event: ModelEvent): void {
    const taken = this.models.take(event);
    if (taken !== null) this.#modelReceivers.tell(modelsMessage([taken], false));
  }

  /** The receiver first gets all events that are remembered. */
  joinModels(receiver: Receiver): void {
    this.#modelReceivers.join(receiver);
    receiver.send(frameOf(modelsMessage(this.models.events, true), receiver.encoding));
  }

  leave(receiver: Receiver, channels: readonly Channel[]): void {
    if (channels.includes('forecasts')) this.forecasts.leave(receiver);
    if (channels.includes('ticks')) this.ticks.leave(receiver);
    if (channels.includes('scores')) this.scores.leave(receiver);
    if (channels.includes('models')) this.#modelReceivers.leave(receiver);
    if (channels.includes('health')) this.health.leave(receiver);
  }

  /** What the receiver wants from here on, on a channel of symbols that it has joined. */
  refilter(receiver: Receiver, channel: Channel, filter: SymbolFilter, nowMs: number): void {
    if (channel === 'forecasts') this.forecasts.refilter(receiver, filter, nowMs);
    if (channel === 'ticks') this.ticks.refilter(receiver, filter);
    if (channel === 'scores') this.scores.refilter(receiver, filter);
    if (channel === 'health') this.health.refilter(receiver, filter);
  }

  /** `lateMs`: how long ago it was due. */
  flush(nowMs: number, lateMs = 0): void {
    this.health.facts.flushed(lateMs);
    this.snapshots.forget();
    this.forecasts.flush(nowMs);
    this.ticks.flush(nowMs);
    this.scores.flush(nowMs);
    this.health.flush(nowMs);
  }
}

function modelsMessage(events: ModelsMessage['events'], isSnapshot: boolean): ModelsMessage {
  return { type: 'models', isSnapshot, events };
}
