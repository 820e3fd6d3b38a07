import { expect, test } from 'vitest';
import { ModelTimeline } from '#services/serve/model-timeline.ts';

const report = {
  updates: 8,
  lossBefore: Number.NaN,
  lossAfter: 0.3,
  gradientNorm: 0.4,
  clippedUpdates: 3,
  skippedUpdates: 2,
  gradientReach: [{ lagTicks: 8, ratio: 0.25 }],
  forgetTicks: { median: 3.5, largest: 120 },
  eventTimeNs: '17',
};

test('the outcome of a training reaches clients with all that it measured; what was not measured is null', () => {
  const event = { event: 'refused' as const, id: 2, reason: 'HELD_OUT_LOSS_ROSE', report };
  const sent = JSON.parse(JSON.stringify(new ModelTimeline().take(event)));
  expect(sent).toEqual({
    ...report,
    event: 'refused',
    id: 2,
    sha: null,
    parentSha: null,
    reason: 'HELD_OUT_LOSS_ROSE',
    lossBefore: null,
  });
});

test('a training that has begun has the same fields, and knows nothing yet', () => {
  const timeline = new ModelTimeline();
  const begun = timeline.take({ event: 'boundary', id: 2, ranges: [], seed: 1 });
  const shas = { sha: 'ab', parentSha: 'cd' };
  const ended = timeline.take({ event: 'switched', id: 2, ...shas, report });
  expect(Object.keys(begun ?? {}).sort()).toEqual(Object.keys(ended ?? {}).sort());
  expect(begun).toMatchObject({ updates: null, gradientReach: [], forgetTicks: null });
  expect(timeline.currentSha()).toBe('ab');
  expect(timeline.take({ event: 'switched', id: 2, ...shas, report })).toBeNull();
});
