import { expect, test } from 'vitest';
import { trainSettings } from '#services/train/config.ts';
import { Trainer } from '#services/train/trainer.ts';
import { FEATURE_VERSION, INPUT_SIZE } from '#shared/features/feature-vector.ts';
import { decodeModel, initialModel } from '#shared/forecast/model-artefact.ts';
import { encodeControl, encodeTick } from '#shared/market/tick-record.ts';
import { CELL_KINDS } from '#shared/nn/cells/cell-kinds.ts';
import { readSettings } from '#shared/runtime/environment.ts';
import { someSettings } from '#test/builders/a-model.ts';
import { momentumTape } from '#test/builders/momentum-tape.ts';

const { recipe } = readSettings(trainSettings, {
  FORETICK_TRAIN_WINDOWS: '8',
  FORETICK_TRAIN_STEPS: '16',
  FORETICK_TRAIN_WARM_UP_UPDATES: '30',
});
const records = momentumTape({ symbols: ['A', 'B'], count: 800 }).map(encodeTick);

test.each(CELL_KINDS)(
  'two layers of %s learn: they lose less on held-out ticks than before',
  (cell) => {
    const some = { horizons: [1], layers: 2, hiddenSize: 4, headSize: 6, seed: 3 };
    const settings = someSettings({ cell, ...some });
    const genesis = initialModel(settings, INPUT_SIZE, FEATURE_VERSION);
    const trainer = new Trainer({ settings, recipe, partitionCount: 1, genesis });
    trainer.fold(0, [encodeControl({ kind: 'begin', warmUpTicks: 100_000 }), ...records]);
    const { artefact, report } = trainer.train({ id: 1, seed: 9, parentSha: '' });
    expect(report.updates).toBe(30);
    expect(report.lossAfter).toBeLessThan(0.98 * report.lossBefore);
    expect(decodeModel(artefact as Uint8Array).shape).toMatchObject({ cell, layers: 2 });
  },
);
