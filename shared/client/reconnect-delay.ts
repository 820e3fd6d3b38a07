export interface ReconnectDelayOptions {
  readonly baseMs: number;
  readonly capMs: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/**
 * How long to wait before attempt number `attempt` (0 is the first): full jitter, uniform between 0 and a bound that doubles
 * up to a cap (Brooker 2015, "Exponential backoff and jitter"). All clients of a server that fell do not come back at once.
 */
export function reconnectDelayMs(attempt: number, options: ReconnectDelayOptions): number {
  const { baseMs, capMs, random } = options;
  // Beyond 2^30 the cap has long been reached; a larger power would end at Infinity.
  const boundMs = Math.min(capMs, baseMs * 2 ** Math.min(attempt, 30));
  return random() * boundMs;
}
