import type {
  HealthMessage,
  ModelsMessage,
  ScoresMessage,
  SnapshotMessage,
  TicksMessage,
  UpdateMessage,
  WelcomeMessage,
  WireForecast,
} from '#shared/wire/message.ts';

/** How the client stands. `retryInMs` is there while it waits to connect again. */
export interface ConnectionState {
  readonly kind: 'connecting' | 'connected' | 'reconnecting' | 'closed';
  /** What ended the connection before, in words. */
  readonly reason: string;
  readonly retryInMs: number | null;
}

/** New forecasts in order, each once; `levels` belong to their quantiles. */
export interface ForecastsMessage extends Omit<UpdateMessage, 'type' | 'covers'> {
  readonly forecasts: readonly WireForecast[];
}

/**
 * What happens. The next call waits until the last one has resolved; the position moves on then. One that throws ends the
 * client with its error.
 */
export interface Listener {
  onWelcome?(message: WelcomeMessage): void | Promise<void>;
  /** Replaces everything that was known: at the start, after another run began, or when too much was missed. */
  onSnapshot?(message: SnapshotMessage): void | Promise<void>;
  onForecasts?(message: ForecastsMessage): void | Promise<void>;
  onTicks?(message: TicksMessage): void | Promise<void>;
  onScores?(message: ScoresMessage): void | Promise<void>;
  onModels?(message: ModelsMessage): void | Promise<void>;
  onHealth?(message: HealthMessage): void | Promise<void>;
  /** Called at once, not in order with the messages. */
  onState?(state: ConnectionState): void;
}
