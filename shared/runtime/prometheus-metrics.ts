import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Metrics } from './metrics.ts';

/**
 * Metrics in the Prometheus text format, in a registry of their own, with Node's process metrics. Declaring a name twice gives
 * the same metric, so that two claims of one process count together.
 */
export function prometheusMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  return {
    counter: (name, help, labelNames = []) => {
      const counter = declared(registry, name, Counter, { name, help, labelNames, registers });
      return { add: (count, labels = {}) => counter.inc(labels, count) };
    },
    gauge: (name, help, labelNames = []) => {
      const gauge = declared(registry, name, Gauge, { name, help, labelNames, registers });
      return { set: (value, labels = {}) => gauge.set(labels, value) };
    },
    histogram: (name, help, buckets) => {
      const options = { name, help, buckets: [...buckets], registers };
      const histogram = declared(registry, name, Histogram, options);
      return { observe: (value, labels = {}) => histogram.observe(labels, value) };
    },
    text: () => registry.metrics(),
  };
}

function declared<T, O>(
  registry: Registry,
  name: string,
  Kind: new (options: O) => T,
  options: O,
): T {
  const existing: unknown = registry.getSingleMetric(name);
  return existing instanceof Kind ? existing : new Kind(options);
}
