import { describe, expect, test } from 'vitest';
import { distributedSettings } from '#services/distributed/config.ts';
import { soloSettings } from '#services/solo/config.ts';
import { forecasterSettingsOf } from '#services/solo/forecaster-settings-of.ts';
import { trainingFor } from '#services/train/config.ts';
import { TICK_EXPERTS } from '#shared/forecast/experts/tick-experts.ts';
import { SERIES_LEVELS, TICK_LEVELS } from '#shared/forecast/quantile-levels.ts';
import { readSettings } from '#shared/runtime/environment.ts';

function settings(environment: Readonly<Record<string, string>> = {}) {
  return forecasterSettingsOf(readSettings(soloSettings, environment));
}

const SEASON = { FORETICK_MEASURE: 'value', FORETICK_SEASON_TICKS: '24' };

describe('what the settings ask for', () => {
  test('is ticks as they come where there is no season', () => {
    const ticks = settings();
    expect(ticks).not.toHaveProperty('seasonTicks');
    expect(ticks).toMatchObject({ levels: TICK_LEVELS, hiddenSize: 16, headSize: 48 });
    expect(ticks.experts).toEqual(TICK_EXPERTS);
    expect(settings(SEASON)).not.toHaveProperty('experts');
  });

  test('is regular series, with a network of their size, where there is one', () => {
    const expected = { seasonTicks: 24, levels: SERIES_LEVELS, hiddenSize: 48, headSize: 64 };
    expect(settings(SEASON)).toMatchObject(expected);
    const distributed = readSettings(distributedSettings, SEASON);
    expect(forecasterSettingsOf(distributed)).toEqual(settings(SEASON));
  });

  test('is a network of the size that is set, for both kinds', () => {
    const sizes = { FORETICK_HIDDEN_SIZE: '8', FORETICK_HEAD_SIZE: '9' };
    for (const kind of [{}, SEASON]) {
      expect(settings({ ...kind, ...sizes })).toMatchObject({ hiddenSize: 8, headSize: 9 });
    }
  });
});

test('a season is refused where it is too short, or of prices', () => {
  const prices = { FORETICK_SEASON_TICKS: '3' };
  expect(() => settings(prices)).toThrow(/FORETICK_SEASON_TICKS must be 0 or at least 4, was "3"/);
  expect(() => settings(prices)).toThrow(/FORETICK_MEASURE must be value where there is a season/);
});

test('weights are trained once per season, of 24 ticks at least', () => {
  const { train } = readSettings(soloSettings, {});
  expect(trainingFor({}, train)).toBe(train);
  expect(trainingFor({ seasonTicks: 96 }, train).everyTicks).toBe(96);
  expect(trainingFor({ seasonTicks: 5 }, train).everyTicks).toBe(24);
});
