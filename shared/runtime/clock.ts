/** Measures and waits; never decides a forecast (event time does). Adapters: system-clock.ts, virtual-clock.ts. */
export interface Clock {
  /** Milliseconds since 1970 UTC. */
  nowMs(): number;
  /** Resolves after `ms`; at once when `signal` aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
