import { ALL_SYMBOLS, type SubscribeParams, type SubscribeResult } from '#shared/wire/request.ts';
import { coversOf } from './cover-mark.ts';
import type { PlacedEntry } from './forecast-rings.ts';
import { GatheredForecasts } from './gathered-forecasts.ts';
import type { LiveFeed } from './live-feed.ts';
import type { Receiver } from './receiver.ts';
import { isPattern, type SymbolFilter } from './symbol-filter.ts';
import { updateFrame } from './update-frame.ts';
import type { WireFrame } from './wire-frame.ts';

/** Entries in one frame of a recovery, as in the live ones. */
const FRAME_ENTRIES = 256;

export interface SubscribeOptions {
  readonly feed: LiveFeed;
  readonly receiver: Receiver;
  readonly params: SubscribeParams;
  /** The wanted symbols as far as they are allowed. */
  readonly filter: SymbolFilter;
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
  const { feed, receiver, params, filter, nowMs } = options;
  const channels = new Set(params.channels);
  const missed = channels.has('forecasts') ? missedFrames(options) : null;
  options.acknowledge({
    recovered: missed !== null,
    position: feed.rings.position(),
    unseen: params.symbols.filter((name) => !isPattern(name) && feed.rings.latest(name) === null),
  });
  const wish = { filter, maxRateHz: params.maxRateHz ?? null, delta: params.delta ?? false };
  if (channels.has('forecasts')) {
    feed.forecasts.join(receiver, wish, nowMs, missed === null);
    const present = missed ?? [feed.snapshots.frame(filter, receiver.encoding, nowMs)];
    for (const frame of present) receiver.send(frame);
  }
  if (channels.has('ticks')) feed.ticks.join(receiver, wish);
  if (channels.has('scores')) feed.scores.join(receiver, wish);
  if (channels.has('models')) feed.joinModels(receiver);
  if (channels.has('health')) feed.health.join(receiver, filter);
}

/** What came after the client's position, as updates; null where a snapshot is needed, or is the smaller answer. */
function missedFrames(options: SubscribeOptions): WireFrame[] | null {
  const { feed, params, recoveryBytes } = options;
  const missed = params.position === undefined ? null : feed.rings.since(params.position);
  if (missed === null) return null;
  const isConflated = params.maxRateHz !== undefined;
  const step = isConflated ? missed.length : FRAME_ENTRIES;
  const frames: WireFrame[] = [];
  let bytes = 0;
  for (let at = 0; at < missed.length; at += step) {
    const frame = frameOfEntries(missed.slice(at, at + step), options, isConflated);
    bytes += frame.byteLength;
    if (bytes > recoveryBytes) return null;
    frames.push(frame);
  }
  return frames;
}

function frameOfEntries(
  entries: readonly PlacedEntry[],
  { feed, filter, receiver, nowMs }: SubscribeOptions,
  isConflated: boolean,
): WireFrame {
  const gathered = new GatheredForecasts({ isConflated });
  for (const { forecasts } of entries) {
    for (const placed of forecasts) {
      if (filter.key === ALL_SYMBOLS || filter.has(placed.symbol)) {
        gathered.add({ placed, merged: 0, succession: null });
      }
    }
  }
  return updateFrame({
    encoding: receiver.encoding,
    sentMs: nowMs,
    levels: feed.rings.levels,
    covers: coversOf(entries),
    held: gathered.held(),
    shareCount: 1,
  });
}
