import { encodeMessage } from '#shared/wire/codec.ts';
import type { Channel, SubscribeParams, SubscribeResult } from '#shared/wire/request.ts';
import { GatheredForecasts } from './gathered-forecasts.ts';
import type { LiveFeed } from './live-feed.ts';
import type { Receiver } from './receiver.ts';
import { snapshotOf } from './snapshot.ts';
import { type SymbolFilter, symbolFilter } from './symbol-filter.ts';

/** Entries in one frame of a recovery, as in the live ones. */
const FRAME_ENTRIES = 256;

export interface SubscribeOptions {
  readonly feed: LiveFeed;
  readonly receiver: Receiver;
  readonly params: SubscribeParams;
  readonly nowMs: number;
  /** Missed updates that are larger than this are not sent: a snapshot is, so that a resume never looks like a slow client. */
  readonly recoveryBytes: number;
  /** Sent before anything else. */
  readonly acknowledge: (result: SubscribeResult) => void;
}

/**
 * Subscribes: acknowledges, brings the client to the present (missed updates or a snapshot), and joins the fan-outs. All in one
 * go, so that no forecast comes between: what is sent then follows on the position without gap or repeat.
 */
export function subscribe(options: SubscribeOptions): void {
  const { feed, receiver, params, nowMs } = options;
  const filter = symbolFilter(params.symbols);
  const wants = (channel: Channel) => params.channels.includes(channel);
  const missed = wants('forecasts') ? missedFrames(options, filter) : null;
  options.acknowledge({
    recovered: missed !== null,
    position: feed.rings.position(),
    unseen: params.symbols.filter((name) => name !== '*' && feed.rings.latest(name) === null),
  });
  if (wants('forecasts')) {
    const maxRateHz = params.maxRateHz ?? null;
    feed.forecasts.join(receiver, { filter, maxRateHz }, nowMs);
    const present = missed ?? [encodeMessage(snapshotOf(feed.rings, filter, nowMs))];
    for (const frame of present) receiver.send(frame);
  }
  if (wants('ticks')) feed.ticks.join(receiver, filter);
  if (wants('scores')) feed.scores.join(receiver, filter);
  if (wants('models')) feed.joinModels(receiver);
}

export function unsubscribe(
  feed: LiveFeed,
  receiver: Receiver,
  channels: readonly Channel[],
): void {
  if (channels.includes('forecasts')) feed.forecasts.leave(receiver);
  if (channels.includes('ticks')) feed.ticks.leave(receiver);
  if (channels.includes('scores')) feed.scores.leave(receiver);
  if (channels.includes('models')) feed.leaveModels(receiver);
}

/** What came after the client's position, as updates; null where a snapshot is needed, or is the smaller answer. */
function missedFrames(
  { feed, params, nowMs, recoveryBytes }: SubscribeOptions,
  filter: SymbolFilter,
): string[] | null {
  const missed = params.position === undefined ? null : feed.rings.since(params.position);
  if (missed === null) return null;
  const isConflated = params.maxRateHz !== undefined;
  const step = isConflated ? missed.length : FRAME_ENTRIES;
  const frames: string[] = [];
  let bytes = 0;
  for (let at = 0; at < missed.length; at += step) {
    const gathered = new GatheredForecasts(filter, { isConflated });
    for (const entry of missed.slice(at, at + step)) gathered.add(entry);
    const frame = gathered.frame(nowMs, feed.rings.levels);
    bytes += frame.length;
    if (bytes > recoveryBytes) return null;
    frames.push(frame);
  }
  return frames;
}
