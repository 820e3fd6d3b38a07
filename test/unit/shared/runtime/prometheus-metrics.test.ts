import { expect, test } from 'vitest';
import { prometheusMetrics } from '#shared/runtime/prometheus-metrics.ts';

test('counters, gauges and histograms come out in the text format beside the process metrics', async () => {
  const metrics = prometheusMetrics();
  metrics.counter('foretick_ticks_total', 'Ticks taken.', ['source']).add(3, { source: 'file' });
  metrics.gauge('foretick_lag_records', 'Records behind.').set(7);
  metrics.histogram('foretick_fold_seconds', 'Fold time.', [0.1, 1]).observe(0.5);
  const text = await metrics.text();
  expect(text).toContain('foretick_ticks_total{source="file"} 3');
  expect(text).toContain('foretick_lag_records 7');
  expect(text).toContain('foretick_fold_seconds_bucket{le="0.1"} 0');
  expect(text).toContain('foretick_fold_seconds_bucket{le="1"} 1');
  expect(text).toContain('process_resident_memory_bytes');
});

test('a name declared twice counts together', async () => {
  const metrics = prometheusMetrics();
  metrics.counter('foretick_a_total', 'A.').add(1);
  metrics.counter('foretick_a_total', 'A.').add(2);
  expect(await metrics.text()).toContain('foretick_a_total 3');
});

test('two registries do not share their numbers', async () => {
  prometheusMetrics().counter('foretick_b_total', 'B.').add(1);
  expect(await prometheusMetrics().text()).not.toContain('foretick_b_total');
});
