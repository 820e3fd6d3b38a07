import { expect, test } from 'vitest';
import { genesisModel } from '#shared/forecast/genesis-model.ts';
import { decodeModel } from '#shared/forecast/model-artefact.ts';
import { SERIES_LEVELS } from '#shared/forecast/quantile-levels.ts';
import type { Control } from '#shared/market/control.ts';
import { QuantileNetwork } from '#shared/nn/quantile-network.ts';
import { Random } from '#shared/nn/random.ts';
import { Fold } from '#test/builders/a-fold.ts';
import { someSettings } from '#test/builders/a-model.ts';
import { recordsOf } from '#test/builders/a-tape.ts';
import { aRow, MIDNIGHT_NS } from '#test/builders/a-tick.ts';

const COUNT = 2500;
const SCORED_FROM = 600;
const HORIZONS = [1, 24];

test('on random walks the mix stays with the last value, though five experts find patterns in the noise', () => {
  const settings = someSettings({
    measure: 'value',
    horizons: HORIZONS,
    levels: SERIES_LEVELS,
    seasonTicks: 5,
  });
  const begin: Control = { kind: 'begin', warmUpTicks: 300, groups: { fx: ['a', 'b', 'c'] } };
  const random = new Random(77);
  let walk = [0, 0, 0];
  const rows = Array.from({ length: COUNT }, (_, t) => {
    walk = walk.map((value) => value + random.normal());
    return aRow(walk, { seq: BigInt(t + 1), eventTimeNs: MIDNIGHT_NS + BigInt(t) });
  });
  const { shape, weights } = decodeModel(genesisModel(settings));
  const network = new QuantileNetwork(shape, weights);
  const fold = new Fold(settings, [{ sha: '0'.repeat(64), network }]);
  fold.fold(recordsOf([begin, ...rows]));
  HORIZONS.forEach((horizon, k) => {
    let [error, lastValue] = [0, 0];
    for (const { forecasts, src } of fold.out.entries) {
      // The first record is the control.
      const t = Number(src) - 1;
      if (t < SCORED_FROM || t + horizon >= COUNT) continue;
      forecasts.forEach(({ horizons, originValue }, c) => {
        const happened = rows[t + horizon].values[c] - originValue;
        error += (horizons[k].point - happened) ** 2;
        lastValue += happened ** 2;
      });
    }
    expect(error / lastValue, `${horizon} ahead`).toBeLessThan(1.02);
  });
});
