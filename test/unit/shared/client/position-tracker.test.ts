import { describe, expect, test } from 'vitest';
import { PositionTracker } from '#shared/client/position-tracker.ts';
import type { UpdateMessage, WireForecast } from '#shared/wire/message.ts';

describe('what a client takes of an update', () => {
  test('forecasts at or below its position are dropped, the others taken', () => {
    const tracker = at({ 0: '5' });
    const update = anUpdate({ 0: ['3', '7'] }, [forecastAt(0, 5), forecastAt(0, 7)]);
    expect(tracker.hasGap(update)).toBe(false);
    expect(tracker.fresh(update).map((one) => one.position.src)).toEqual(['7']);
  });

  test('the position moves to the end of the cover, never back', () => {
    const tracker = at({ 0: '5', 1: '9' });
    tracker.advance(anUpdate({ 0: ['5', '12'], 1: ['2', '4'] }));
    expect(tracker.position?.src).toEqual({ 0: '12', 1: '9' });
  });

  test('a snapshot of a server that lags behind does not move the position back, one of another run does', () => {
    const tracker = at({ 0: '5', 1: '9' });
    tracker.restart({ position: { run: 'r', src: { 0: '3', 1: '12', 2: '1' } } });
    expect(tracker.position).toEqual({ run: 'r', src: { 0: '5', 1: '12', 2: '1' } });
    tracker.restart({ position: { run: 'other', src: { 0: '3' } } });
    expect(tracker.position).toEqual({ run: 'other', src: { 0: '3' } });
  });

  test('a cover that begins above the position is a gap', () => {
    expect(at({ 0: '5' }).hasGap(anUpdate({ 0: ['6', '8'] }))).toBe(true);
  });

  test('a partition that was never read has a gap unless the cover begins at its start', () => {
    expect(at({}).hasGap(anUpdate({ 3: ['-1', '8'] }))).toBe(false);
    expect(at({}).hasGap(anUpdate({ 3: ['0', '8'] }))).toBe(true);
  });

  test('offsets compare as numbers of any size, not as text', () => {
    const tracker = at({ 0: '99999999999999999998' });
    expect(
      tracker.hasGap(anUpdate({ 0: ['100000000000000000000', '100000000000000000001'] })),
    ).toBe(true);
    expect(tracker.hasGap(anUpdate({ 0: ['9', '10'] }))).toBe(false);
  });
});

function at(src: Record<string, string>): PositionTracker {
  return new PositionTracker({ run: 'r', src });
}

function anUpdate(
  covers: Record<string, [string, string]>,
  forecasts: WireForecast[] = [],
): UpdateMessage {
  const entries = Object.entries(covers).map(([p, [after, upTo]]) => [p, { after, upTo }]);
  return {
    type: 'update',
    sentMs: 0,
    levels: [],
    covers: Object.fromEntries(entries),
    forecasts,
  };
}

function forecastAt(partition: number, src: number): WireForecast {
  return {
    symbol: 'a',
    measure: 'price',
    modelSha: '',
    origin: src,
    eventTimeNs: '0',
    issuedMs: null,
    position: { partition, src: `${src}`, prev: `${src - 1}` },
    originValue: 1,
    isWarming: false,
    score: null,
    merged: 0,
    experts: [],
    horizons: [],
  };
}
