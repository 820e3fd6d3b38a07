import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { trainSettings } from '#services/train/config.ts';
import { Trainer } from '#services/train/trainer.ts';
import { FEATURE_VERSION, INPUT_SIZE } from '#shared/features/feature-vector.ts';
import { initialModel } from '#shared/forecast/model-artefact.ts';
import { encodeControl, encodeTick } from '#shared/market/tick-record.ts';
import { readSettings } from '#shared/runtime/environment.ts';
import { someSettings } from '#test/builders/a-model.ts';
import { momentumTape } from '#test/builders/momentum-tape.ts';

const TICKS = 60;
const BOUNDARIES = 30;

const settings = someSettings({ horizons: [1, 5], hiddenSize: 4, headSize: 6, seed: 3 });
const parentSha = 'ab'.repeat(32);

/** Addresses that this process has reserved. */
function reservedGigabytes(): number {
  const found = /VmSize:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'));
  return Number(found?.[1]) / 1e6;
}

test.skipIf(process.platform !== 'linux')(
  'thirty switches reserve no further memory for networks: the new ones take the place of the old',
  () => {
    const { recipe } = readSettings(trainSettings, {
      FORETICK_TRAIN_WARM_UP_UPDATES: '1',
      FORETICK_TRAIN_WINDOWS: '2',
      FORETICK_TRAIN_STEPS: '8',
      FORETICK_TRAIN_GATE_RATIO: '100',
    });
    const genesis = initialModel(settings, INPUT_SIZE, FEATURE_VERSION);
    const trainer = new Trainer({ settings, recipe, partitionCount: 1, genesis });
    const tape = momentumTape({ symbols: ['A'], count: TICKS * BOUNDARIES }).map(encodeTick);
    const before = reservedGigabytes();
    for (let id = 1; id <= BOUNDARIES; id++) {
      trainer.fold(0, tape.slice(TICKS * (id - 1), TICKS * id));
      const { artefact } = trainer.train({ id, seed: id, parentSha });
      expect(artefact).not.toBeNull();
      trainer.conclude(id, artefact);
      trainer.fold(0, [encodeControl({ kind: 'switch', id, sha: parentSha, how: 'refresh' })]);
    }
    // One WebAssembly memory reserves 8 GB and more.
    expect(reservedGigabytes() - before).toBeLessThan(8);
  },
);
