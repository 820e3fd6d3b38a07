import type { Channel, WirePosition } from '#shared/wire/request.ts';
import type { Connectivity } from './connectivity.ts';
import type { MessagePack } from './message-format.ts';
import type { WebSocketClass } from './stream-socket.ts';

export interface ForecastClientOptions {
  /** `ws://127.0.0.1:8080/v1/stream` */
  readonly url: string;
  /** Names and patterns: `['*']`, `['SIM:*']`; none to begin with nothing. */
  readonly symbols: readonly string[];
  /** Default: forecasts. */
  readonly channels?: readonly Channel[];
  /** At most so many frames of forecasts per second, the newest of each symbol; absent: every forecast. */
  readonly maxRateHz?: number;
  /** For servers that ask for a token: asked at each connection, and again before the token expires. */
  readonly token?: () => string | Promise<string>;
  /** Messages come as MessagePack where this is there; `import * as messagePack from '@msgpack/msgpack'` fits. Default: JSON. */
  readonly messagePack?: MessagePack;
  /** Messages that many clients share come deflated, a third of the bytes, where the host inflates (`DecompressionStream`). Default: false. */
  readonly deflate?: boolean;
  /** Forecasts come as what has changed, a third of the bytes; listeners see them whole. Default: false. */
  readonly delta?: boolean;
  /** For hosts that have none, as Node 20: that of the package `ws`. Default: the host's. */
  readonly webSocket?: WebSocketClass;
  /** Where an earlier client ended. */
  readonly position?: WirePosition;
  /** First bound of the delay before connecting again, and its cap. */
  readonly reconnectBaseMs?: number;
  readonly reconnectCapMs?: number;
  readonly random?: () => number;
  /** What tells whether there is a network; without one nothing is attempted. Default: the browser. */
  readonly connectivity?: Connectivity;
}
