/** What a client may subscribe to. */
export const CHANNELS = ['forecasts', 'ticks', 'scores', 'models'] as const;

export type Channel = (typeof CHANNELS)[number];

/** Every symbol of the run, also those that come later. */
export const ALL_SYMBOLS = '*';

/**
 * How far a client has read: for each partition of the run the `src` of the newest forecast it has taken, decimal. A
 * partition that is missing has not been read at all. Another run means: discard, nothing of it compares.
 */
export interface WirePosition {
  readonly run: string;
  readonly src: Readonly<Record<string, string>>;
}

/** Client to server. `id` comes back in the reply. */
export type Request = SubscribeRequest | UnsubscribeRequest | PingRequest;

export interface SubscribeRequest {
  readonly id: number;
  readonly method: 'subscribe';
  readonly params: SubscribeParams;
}

/** Replaces the subscription of each channel that it names. */
export interface SubscribeParams {
  readonly channels: readonly Channel[];
  /** Names, or `['*']`. */
  readonly symbols: readonly string[];
  /** Where to go on; absent: begin with a snapshot. */
  readonly position?: WirePosition | undefined;
  /** Conflate forecasts: at most so many frames per second, the newest forecast of each symbol wins. Absent: every forecast. */
  readonly maxRateHz?: number | undefined;
}

export interface UnsubscribeRequest {
  readonly id: number;
  readonly method: 'unsubscribe';
  readonly params: { readonly channels: readonly Channel[] };
}

export interface PingRequest {
  readonly id: number;
  readonly method: 'ping';
}

export type Reply = Ack | ErrorReply;

export interface Ack {
  readonly id: number;
  readonly result: SubscribeResult | Readonly<Record<string, never>>;
}

/** `recovered`: all that was missed since the position follows as updates. Otherwise a snapshot follows. */
export interface SubscribeResult {
  readonly recovered: boolean;
  readonly position: WirePosition;
  /** Symbols asked for that have no forecast yet; they are delivered when they get one. */
  readonly unseen: readonly string[];
}

export interface ErrorReply {
  readonly id: number;
  readonly error: {
    readonly code: number;
    readonly message: string;
    /** The same request may succeed later. */
    readonly temporary: boolean;
  };
}

export const ERROR_CODE = {
  badParams: 100,
  unknownMethod: 101,
  tooManyRequests: 102,
  tooManySymbols: 103,
} as const;
