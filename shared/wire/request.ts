/** What a client may subscribe to. */
export const CHANNELS = ['forecasts', 'ticks', 'scores', 'models', 'health'] as const;

export type Channel = (typeof CHANNELS)[number];

/** Every symbol of the run, also those that come later. In a pattern (`SIM:*`) the `*` stands for any text. */
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
export type Request = AuthenticateRequest | SubscribeRequest | UnsubscribeRequest | PingRequest;

/** A request before it has its number. */
export type UnnumberedRequest<R = Request> = R extends Request ? Omit<R, 'id'> : never;

/** Shows a token, or a newer one before the old one expires. Subscriptions go on, with what the new one allows. */
export interface AuthenticateRequest {
  readonly id: number;
  readonly method: 'authenticate';
  readonly params: { readonly token: string };
}

export interface SubscribeRequest {
  readonly id: number;
  readonly method: 'subscribe';
  readonly params: SubscribeParams;
}

/** Replaces the subscription of each channel that it names. */
export interface SubscribeParams {
  readonly channels: readonly Channel[];
  /** Names and patterns: `['*']`, `['SIM:*', 'venue:BTC-USD']`. */
  readonly symbols: readonly string[];
  /** Where to go on; absent: begin with a snapshot. */
  readonly position?: WirePosition | undefined;
  /**
   * Conflate: at most so many frames of each channel per second, the newest of each symbol wins. Absent: every forecast. Models
   * and health are rare, and are not conflated.
   */
  readonly maxRateHz?: number | undefined;
  /** Forecasts come as differences to what was sent before, where that is possible. Absent: whole. */
  readonly delta?: boolean | undefined;
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
  readonly result: SubscribeResult | AuthenticateResult | Readonly<Record<string, never>>;
}

/** `recovered`: all that was missed since the position follows as updates. Otherwise a snapshot follows. */
export interface SubscribeResult {
  readonly recovered: boolean;
  readonly position: WirePosition;
  /** Symbols asked for that have no forecast yet; they are delivered when they get one. */
  readonly unseen: readonly string[];
}

/** Both null where the server asks for no token. */
export interface AuthenticateResult {
  /** The connection is closed with 3005 then, unless a newer token was shown. Milliseconds since 1970 UTC. */
  readonly expiresMs: number | null;
  /** Names and patterns that may be asked for. */
  readonly allowed: readonly string[] | null;
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
  notAllowed: 104,
  badToken: 105,
} as const;
