/** What is asked of a server. */
export interface EdgeCase {
  readonly name: string;
  readonly server: 'ours' | 'bare';
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
  readonly megabytes: number;
  /** Of forecasts at reading clients, from being made to being read. */
  readonly ageMs: { readonly p50: number; readonly p99: number };
  /** Resident set size, for idle connections. */
  readonly kibPerClient: number | null;
}

/** What the clients' process is told. */
export type ClientsOrder =
  | { readonly kind: 'connect'; readonly port: number; readonly what: EdgeCase }
  | { readonly kind: 'mark' };

/** What it answers. */
export type ClientsAnswer =
  | { readonly kind: 'connected' }
  | {
      readonly kind: 'marked';
      readonly delivered: number;
      readonly bytes: number;
      readonly agesMs: readonly number[];
    };

export type ServerAnswer =
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'marked'; readonly cpuSeconds: number; readonly rssKib: number };
