import { expect, test } from 'vitest';
import { topicPlan, wrongSettings } from '#shared/log/kafka/topic-plan.ts';

const wish = { prefix: 'p', partitionCount: 16, replicas: 3, retentionMs: 1000 };
const [ticks] = topicPlan(wish);
const asPlanned = new Map(Object.entries(ticks.settings));
const wrongWith = (name: string, value: string) =>
  wrongSettings(ticks, new Map(asPlanned).set(name, value)).map(({ name: wrong }) => wrong);

test('ticks and forecasts share the partitions of the run, the others have one', () => {
  const partitions = topicPlan(wish).map(({ name, partitions: count }) => `${name} ${count}`);
  expect(partitions.join(', ')).toBe(
    'p.ticks 16, p.forecasts 16, p.scores 1, p.models 1, p.rejects 1, p.manifest 1',
  );
});

test('models and manifest are kept for ever, the others as long as was asked for', () => {
  const kept = topicPlan(wish).map(({ topic, settings }) => [topic, settings['retention.ms']]);
  expect(Object.fromEntries(kept)).toEqual({
    ...{ ticks: '1000', forecasts: '1000', scores: '1000', rejects: '1000' },
    ...{ models: '-1', manifest: '-1' },
  });
});

test('three replicas acknowledge by two, fewer by one', () => {
  const inSync = (replicas: number) =>
    topicPlan({ ...wish, replicas })[0].settings['min.insync.replicas'];
  expect([1, 2, 3, 5].map(inSync)).toEqual(['1', '1', '2', '2']);
});

test('a topic that is as planned, or keeps more, is right', () => {
  expect(wrongSettings(ticks, asPlanned)).toEqual([]);
  for (const [name, value] of [
    ['retention.ms', '1001'],
    ['retention.ms', '-1'],
    ['max.message.bytes', '99999999'],
    ['min.insync.replicas', '3'],
  ]) {
    expect(wrongWith(name, value)).toEqual([]);
  }
});

test.each([
  ['retention.ms', '999'],
  ['retention.bytes', '1000000000000'],
  ['max.message.bytes', '1048588'],
  ['min.insync.replicas', '1'],
  ['cleanup.policy', 'compact'],
  ['cleanup.policy', 'compact,delete'],
  ['unclean.leader.election.enable', 'true'],
])('%s %s could lose or refuse a record', (name, value) => {
  expect(wrongWith(name, value)).toEqual([name]);
});

test('a setting that the broker does not tell is not taken for right', () => {
  expect(wrongSettings(ticks, new Map()).length).toBe(Object.keys(ticks.settings).length);
});
