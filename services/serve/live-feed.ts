import type { ForecastPack } from '#shared/forecast/forecast.ts';
import type { ModelEvent } from '#shared/forecast/model-event.ts';
import type { ScoreRecord } from '#shared/forecast/score.ts';
import { encodeMessage } from '#shared/wire/codec.ts';
import type { WireModelEvent, WireScore, WireTick } from '#shared/wire/message.ts';
import { ForecastRings } from './forecast-rings.ts';
import { ModelTimeline } from './model-timeline.ts';
import { NewestFanout } from './newest-fanout.ts';
import type { Receiver } from './receiver.ts';
import { RollingScores } from './rolling-scores.ts';
import { SymbolFanout } from './symbol-fanout.ts';
import { TickPrices } from './tick-prices.ts';

export interface LiveFeedOptions {
  readonly run: string;
  readonly partitionCount: number;
  readonly ringEntries: number;
}

/** All that clients can see: the newest of every topic, and who wants to hear of it. Nothing here waits. */
export class LiveFeed {
  readonly rings: ForecastRings;
  readonly prices = new TickPrices();
  readonly models = new ModelTimeline();
  readonly forecasts: SymbolFanout;
  readonly ticks = new NewestFanout<WireTick>({
    merge: (older, newer) => ({ ...newer, merged: older.merged + newer.merged + 1 }),
    frame: (ticks) => encodeMessage({ type: 'ticks', ticks }),
  });
  readonly scores = new NewestFanout<WireScore>({
    merge: (_older, newer) => newer,
    frame: (scores) => encodeMessage({ type: 'scores', scores }),
  });
  readonly #modelReceivers = new Set<Receiver>();
  readonly #rolling = new RollingScores();

  constructor(options: LiveFeedOptions) {
    this.rings = new ForecastRings({ ...options, capacity: options.ringEntries });
    this.forecasts = new SymbolFanout(() => this.rings.levels);
  }

  /** @returns how many entries were new */
  takeForecasts(partition: number, pack: ForecastPack, nowMs: number): number {
    const taken = this.rings.take(partition, pack);
    this.forecasts.take(taken, nowMs);
    return taken.length;
  }

  takeScore(record: ScoreRecord): void {
    const score = this.#rolling.take(record);
    if (score !== null) this.scores.offer(score);
  }

  takeModelEvent(event: ModelEvent): void {
    const taken = this.models.take(event);
    if (taken === null) return;
    const frame = modelsFrame([taken], false);
    for (const receiver of this.#modelReceivers) receiver.send(frame);
  }

  /** The receiver first gets all events that are remembered. */
  joinModels(receiver: Receiver): void {
    this.#modelReceivers.add(receiver);
    receiver.send(modelsFrame(this.models.events, true));
  }

  leaveModels(receiver: Receiver): void {
    this.#modelReceivers.delete(receiver);
  }

  leaveAll(receiver: Receiver): void {
    this.forecasts.leave(receiver);
    this.ticks.leave(receiver);
    this.scores.leave(receiver);
    this.leaveModels(receiver);
  }

  flush(nowMs: number): void {
    this.forecasts.flush(nowMs);
    this.ticks.flush();
    this.scores.flush();
  }
}

function modelsFrame(events: readonly WireModelEvent[], isSnapshot: boolean): string {
  return encodeMessage({ type: 'models', isSnapshot, events });
}
