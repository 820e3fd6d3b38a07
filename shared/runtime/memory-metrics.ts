import type { Metrics } from './metrics.ts';

/** Keeps the newest number of every name (sums for counters, last for gauges and histograms) for a test to look at. */
export function memoryMetrics(): Metrics & { value(name: string): number } {
  const values = new Map<string, number>();
  const set = (name: string) => (value: number) => void values.set(name, value);
  return {
    counter: (name) => ({ add: (count) => set(name)((values.get(name) ?? 0) + count) }),
    gauge: (name) => ({ set: set(name) }),
    histogram: (name) => ({ observe: set(name) }),
    text: async () => [...values].map(([name, value]) => `${name} ${value}\n`).join(''),
    value: (name) => values.get(name) ?? 0,
  };
}
