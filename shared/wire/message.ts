import type { WireModelEvent } from './model-event.ts';
import type { WirePosition } from './request.ts';

/** Server to client, beside replies. */
export type ServerMessage =
  | WelcomeMessage
  | SnapshotMessage
  | SentUpdate
  | TicksMessage
  | ScoresMessage
  | ModelsMessage
  | HealthMessage
  | SlowMessage
  | ClosingMessage;

export interface Limits {
  readonly messageBytes: number;
  /** Fragments of one message. */
  readonly fragments: number;
  readonly requestsPerSecond: number;
  /** Names and patterns in one subscribe. */
  readonly symbolsPerSubscription: number;
  readonly patternsPerSubscription: number;
  readonly connections: number;
  /** A client with more than this unsent for `slowMs` is closed with 3008. */
  readonly bufferedBytes: number;
  readonly slowMs: number;
}

/** The first message of every connection. */
export interface WelcomeMessage {
  readonly type: 'welcome';
  readonly protocolVersion: number;
  readonly run: string;
  /** A client that has heard nothing for two of these should take the connection for dead. */
  readonly heartbeatMs: number;
  /** Forecasts and ticks are gathered over so long. */
  readonly flushMs: number;
  readonly limits: Limits;
  readonly symbols: readonly string[];
}

/** Quantiles in raw units, one per level of the message, never decreasing. */
export interface WireHorizon {
  readonly horizonTicks: number;
  readonly point: number;
  readonly quantiles: readonly number[];
  /** What each of the forecast's experts counts in it, from 0 to 1, two decimals; empty from older logs. */
  readonly weights: readonly number[];
}

/**
 * How the symbol's forecasts have done so far, over their newest 2,000 origins that had matured; one value per horizon of the
 * forecast, null where none has matured. The channel `scores` says more.
 */
export interface WireRealisedScore {
  /** Of the tick that completed it: never later than the forecast. */
  readonly eventTimeNs: string;
  /** Mean CRPS: basis points of log return for prices, raw units otherwise. */
  readonly crps: readonly (number | null)[];
  /** 1 - CRPS / CRPS of the baseline; null, too, where the baseline's loss is zero. */
  readonly skillEwmaGaussian: readonly (number | null)[];
  /** Share of targets inside the central 80 % interval. */
  readonly coverage80: readonly (number | null)[];
}

/** One symbol's forecast at one of its ticks. */
export interface WireForecast {
  readonly symbol: string;
  /** `price`: above zero, scored as log return; `value`: any number. */
  readonly measure: 'price' | 'value';
  readonly modelSha: string;
  /** 0-based index of the tick among the symbol's forecast events. */
  readonly origin: number;
  /** Of the tick that it was made at. */
  readonly eventTimeNs: string;
  /** When the server first had it, milliseconds since 1970 UTC; null for what it read back from its log when it started. */
  readonly issuedMs: number | null;
  /** `src` is the input's offset, `prev` that of the forecast before in the partition (of any symbol), -1 for the first. */
  readonly position: {
    readonly partition: number;
    readonly src: string;
    readonly prev: string;
  };
  readonly originValue: number;
  /** Issued during warm-up: not scored. */
  readonly isWarming: boolean;
  /** Who speaks in it; the weights of every horizon are in this order. */
  readonly experts: readonly string[];
  /** The latest that was realised when this forecast was made; null before the first, and in what is told again after a restart. */
  readonly score: WireRealisedScore | null;
  /** How many older forecasts of the symbol were conflated into this one; 0 without conflation. */
  readonly merged: number;
  readonly horizons: readonly WireHorizon[];
}

/**
 * A forecast as what has changed since the last one of its symbol on the same subscription: only where deltas were asked for.
 * Fields of a forecast that are left out are as they were.
 */
export interface WireDelta
  extends Pick<
      WireForecast,
      'symbol' | 'origin' | 'eventTimeNs' | 'issuedMs' | 'position' | 'originValue' | 'merged'
    >,
    Partial<Pick<WireForecast, 'modelSha' | 'isWarming' | 'score'>> {
  /** `origin` of the forecast that it is to be added to. */
  readonly from: number;
  /** Places behind the point: `changes` counts in units of the last one. */
  readonly decimals: number;
  /**
   * Base64 VLQ (vlq.ts), one number for the point and each quantile of each horizon, in this order: the first is the change of the
   * first, each other one by how much more its own has changed than the one before.
   */
  readonly changes: string;
  /** By horizon. */
  readonly weights?: readonly (readonly number[])[];
}

/** The frame holds all that the client subscribed to with `after` < src <= `upTo`. */
export interface Cover {
  readonly after: string;
  readonly upTo: string;
}

/** `levels` belong to the quantiles of every forecast in the frame. */
export interface UpdateMessage<F = WireForecast> {
  readonly type: 'update';
  readonly sentMs: number;
  readonly levels: readonly number[];
  /** By partition. A client whose position is below an `after` has missed something: it subscribes again with its position. */
  readonly covers: Readonly<Record<string, Cover>>;
  readonly forecasts: readonly F[];
}

/** As it is sent: some of its forecasts may be deltas where these were asked for. */
export type SentUpdate = UpdateMessage<WireForecast | WireDelta>;

/** The past of one symbol, oldest first, parallel arrays. */
export interface WireHistory {
  readonly symbol: string;
  readonly origins: readonly number[];
  readonly eventTimesNs: readonly string[];
  readonly values: readonly number[];
}

/** Replaces all that the client holds: the latest of every symbol, and enough of the past to draw it. */
export interface SnapshotMessage {
  readonly type: 'snapshot';
  readonly sentMs: number;
  readonly position: WirePosition;
  readonly levels: readonly number[];
  readonly forecasts: readonly WireForecast[];
  readonly history: readonly WireHistory[];
}

/** The newest tick of a symbol since the last frame. `price`: last trade, or the mid price where nothing is traded. */
export interface WireTick {
  readonly symbol: string;
  readonly eventTimeNs: string;
  readonly price: number;
  readonly bid: number | null;
  readonly ask: number | null;
  /** Ticks of the symbol that this one stands for beside itself. */
  readonly merged: number;
}

export interface TicksMessage {
  readonly type: 'ticks';
  readonly ticks: readonly WireTick[];
}

/** Over the newest origins of a symbol that have matured. Null where the baseline's loss is zero. */
export interface WireHorizonScore {
  readonly horizonTicks: number;
  readonly count: number;
  /** Mean CRPS: basis points of log return for prices, raw units otherwise. */
  readonly crps: number;
  /** 1 - CRPS / CRPS of the baseline. */
  readonly skillEwmaGaussian: number | null;
  readonly skillLastValue: number | null;
  /** Share of targets inside the central 50, 80 and 95 % interval. */
  readonly coverage: readonly [number, number, number];
  /** Shares of the randomised PIT in 20 equal cells; .05 each when calibrated. */
  readonly pit: readonly number[];
  /** `skillEwmaGaussian` after each of the newest score records, oldest first. */
  readonly trail: readonly number[];
}

export interface WireScore {
  readonly symbol: string;
  readonly eventTimeNs: string;
  readonly horizons: readonly WireHorizonScore[];
}

export interface ScoresMessage {
  readonly type: 'scores';
  readonly scores: readonly WireScore[];
}

export interface ModelsMessage {
  readonly type: 'models';
  /** True on the first after a subscribe: these are all that the server remembers, oldest first. */
  readonly isSnapshot: boolean;
  readonly events: readonly WireModelEvent[];
}

/** How the feed and the gateway are, once a second. */
export interface HealthMessage {
  readonly type: 'health';
  readonly sentMs: number;
  /** How long the gateway has been running. */
  readonly uptimeSeconds: number;
  readonly connections: number;
  readonly ticksPerSecond: number;
  readonly forecastsPerSecond: number;
  readonly symbols: number;
  /** Symbols whose newest forecast is older than ten of their usual gaps, and than 30 s. */
  readonly stale: readonly string[];
  /** Forecast entries that were missing in the log: a fault of the server's. */
  readonly gaps: number;
  /** From a tick's coming in to its forecast's, both at the gateway, over the newest ten seconds; null without any. */
  readonly tickToForecastMs: { readonly p50: number; readonly p99: number } | null;
  /** By how much the gateway's last flush was late: how busy it is. */
  readonly flushDelayMs: number;
  readonly position: WirePosition;
}

/** The client reads too slowly; it is closed with 3008 when it stays so. */
export interface SlowMessage {
  readonly type: 'slow';
  readonly bufferedBytes: number;
  readonly closesInMs: number;
}

/** The server is about to close every connection with `code`. */
export interface ClosingMessage {
  readonly type: 'closing';
  readonly code: number;
  readonly reason: string;
}
