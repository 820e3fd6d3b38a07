/** What is asked of a server. */
export interface EdgeCase {
  readonly name: string;
  readonly server: 'ours' | 'bare' | 'centrifuge';
  readonly clients: number;
  readonly symbolCount: number;
  /** Symbols of each client, drawn for each of its own; absent: all, the same for all. */
  readonly ownSymbols?: number;
  /** Forecasts of all symbols together. */
  readonly perSecond: number;
  readonly seconds: number;
  /** Share of clients that stop reading. */
  readonly stalled?: number;
  /** Whether clients take deflated frames. */
  readonly deflate?: boolean;
  /** Forecasts in one publication of centrifuge's; ours gathers of its own accord. */
  readonly publishes?: number;
  /** Whether they ask for deltas. */
  readonly delta?: boolean;
  /** Connections without a subscription, and nothing else: what memory do they cost? */
  readonly isIdle?: boolean;
}

/** What was seen, over the same stretch of time in both processes. */
export interface EdgeResult {
  /** Forecasts that clients received, over the server's user and system time. */
  readonly perCpuSecond: number;
  readonly delivered: number;
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
  /** Of what was made in that time, for as many readers: below 1 something was late, or lost. */
  readonly deliveredShare: number;
  /** How much of a core the clients' process was busy. */
  readonly clientCores: number;
  readonly perFrame: number;
  readonly megabytes: number;
  /** Of the oldest forecast of each frame, from being made to being read. */
  readonly ageMs: { readonly p50: number; readonly p99: number };
  /** Resident set size, for idle connections. */
  readonly kibPerClient: number | null;
}

/** What the clients' process is told: to connect, and when the measured stretch begins and ends. */
export type ClientsOrder =
  | { readonly kind: 'connect'; readonly port: number; readonly what: EdgeCase }
  | { readonly kind: 'begin' | 'end' };

/** What it answers; `ended`: what was seen since it began. */
export type ClientsAnswer =
  | { readonly kind: 'connected' | 'begun' }
  | {
      readonly kind: 'ended';
      readonly delivered: number;
      readonly frames: number;
      readonly bytes: number;
      readonly cpuSeconds: number;
      readonly ageMs: EdgeResult['ageMs'];
    };

/** What the server is told: what to be, that a stretch begins or ends, or a pack of forecasts. */
export type ServerOrder =
  | { readonly kind: 'start'; readonly what: EdgeCase }
  | { readonly kind: 'mark'; readonly isIdle: boolean }
  | { readonly kind: 'pack'; readonly bytes: Uint8Array };

export type ServerAnswer =
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'marked'; readonly cpuSeconds: number; readonly rssKib: number };

export type ServerMark = Extract<ServerAnswer, { kind: 'marked' }>;
