import type { HealthMessage } from '#shared/wire/message.ts';
import type { ArrivalAge } from './arrival-ages.ts';
import { age, decimal, plainPercent } from './number-text.ts';

export interface Fact {
  readonly name: string;
  readonly value: string;
  /** Asks for attention. */
  readonly isBad: boolean;
}

/** Above so much between a tick and its forecast a reader should know. */
const SLOW_MS = 1_000;

/** In the order in which they are read. */
export function factsOf(health: HealthMessage, arrival: ArrivalAge | null): readonly Fact[] {
  const { tickToForecastMs: latency, stale, gaps, flushDelayMs } = health;
  const ms = (value: number) => `${decimal(value, 0)} ms`;
  const calm = (name: string, value: string): Fact => ({ name, value, isBad: false });
  const atPage = {
    name: `tick to this page, median and ${plainPercent(0.99, 0)}`,
    value: arrival === null ? '–' : `${ms(arrival.p50)}, ${ms(arrival.p99)}`,
    isBad: (arrival?.p50 ?? 0) > SLOW_MS,
  };
  return [
    {
      name: `tick to forecast, median and ${plainPercent(0.99, 0)}`,
      value: latency === null ? '–' : `${ms(latency.p50)}, ${ms(latency.p99)}`,
      isBad: (latency?.p99 ?? 0) > SLOW_MS,
    },
    atPage,
    { name: 'silent symbols', value: staleText(stale), isBad: stale.length > 0 },
    { name: 'forecasts missing', value: decimal(gaps, 0), isBad: gaps > 0 },
    { name: 'gateway late by', value: ms(flushDelayMs), isBad: flushDelayMs > SLOW_MS },
    calm('connections', decimal(health.connections, 0)),
    calm('gateway up for', age(health.uptimeSeconds * 1_000)),
  ];
}

function staleText(stale: readonly string[]): string {
  const [first, ...rest] = stale;
  if (first === undefined) return 'none';
  return rest.length === 0 ? first : `${first} and ${decimal(rest.length, 0)} more`;
}
