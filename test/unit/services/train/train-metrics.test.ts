import { expect, test } from 'vitest';
import { trainMetrics } from '#services/train/train-metrics.ts';
import { prometheusMetrics } from '#shared/runtime/prometheus-metrics.ts';

const report = {
  updates: 8,
  lossBefore: 0.31,
  lossAfter: 0.3,
  gradientNorm: 0.4,
  clippedUpdates: 3,
  skippedUpdates: 2,
  gradientReach: [
    { lagTicks: 8, ratio: 0.25 },
    { lagTicks: 63, ratio: 1e-7 },
  ],
  forgetTicks: { median: 3.5, largest: 120 },
  eventTimeNs: '1',
};
const result = { artefact: null, reason: '', report };

test('clipped and skipped updates add up; reach and forgetting are those of the newest boundary', async () => {
  const metrics = prometheusMetrics();
  const { concluded } = trainMetrics(metrics);
  const before = { ...report, forgetTicks: { median: 1, largest: 2 } };
  concluded('switched', { ...result, report: before }, 0.1);
  concluded('switched', result, 0.1);
  const text = await metrics.text();
  for (const line of [
    'foretick_train_clipped_updates_total 6',
    'foretick_train_skipped_updates_total 4',
    'foretick_train_gradient_reach{lag="8"} 0.25',
    'foretick_train_gradient_reach{lag="63"} 1e-7',
    'foretick_train_forget_ticks{quantile="0.5"} 3.5',
    'foretick_train_forget_ticks{quantile="1"} 120',
  ]) {
    expect(text).toContain(`${line}\n`);
  }
});

test('a boundary that measured nothing leaves the gauges as they were', async () => {
  const metrics = prometheusMetrics();
  const { concluded } = trainMetrics(metrics);
  concluded('switched', result, 0.1);
  const nothing = { ...report, gradientReach: [], forgetTicks: null };
  concluded('refused', { ...result, report: nothing }, 0.1);
  const text = await metrics.text();
  expect(text).toContain('foretick_train_gradient_reach{lag="8"} 0.25\n');
  expect(text).toContain('foretick_train_forget_ticks{quantile="1"} 120\n');
});
