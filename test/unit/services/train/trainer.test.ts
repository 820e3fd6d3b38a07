import { expect, test } from 'vitest';
import { trainSettings } from '#services/train/config.ts';
import { Trainer } from '#services/train/trainer.ts';
import { FEATURE_VERSION, INPUT_SIZE } from '#shared/features/feature-vector.ts';
import { decodeModel, encodeModel, initialModel } from '#shared/forecast/model-artefact.ts';
import type { Control } from '#shared/market/control.ts';
import { encodeControl, encodeTick } from '#shared/market/tick-record.ts';
import { readSettings } from '#shared/runtime/environment.ts';
import { someSettings } from '#test/builders/a-model.ts';
import { momentumTape } from '#test/builders/momentum-tape.ts';

const settings = someSettings({ horizons: [1, 5], headSize: 12, seed: 3 });
const genesis = initialModel(settings, INPUT_SIZE, FEATURE_VERSION);
const task = { id: 1, seed: 9, parentSha: 'ab'.repeat(32) };
const SYMBOLS = ['A', 'B', 'C'];
const tape = momentumTape({ symbols: SYMBOLS, count: 3000 });
/** Partition 0 holds A, 1 the others. */
const records = [0, 1].map((p) =>
  tape.filter(({ symbol }) => (symbol === 'A') === (p === 0)).map(encodeTick),
);
const control = (value: Control): Uint8Array => encodeControl(value);

function trainerOf(
  environment: Record<string, string> = {},
  begin: Partial<Control> = {},
): Trainer {
  const { recipe } = readSettings(trainSettings, environment);
  const trainer = new Trainer({ settings, recipe, partitionCount: 2, genesis });
  const first = control({ kind: 'begin', ...begin } as Control);
  for (const p of [0, 1]) trainer.fold(p, [first]);
  return trainer;
}

test('how partitions interleave and where batches end changes no bit of the new model', () => {
  const inOrder = trainerOf();
  for (const p of [0, 1]) inOrder.fold(p, records[p] ?? []);
  const mixed = trainerOf();
  const at = [0, 0];
  for (let k = 0; at[0] + at[1] < 3000; k++) {
    const p = (k * 7) % 3 === 0 ? 1 : 0;
    const size = 1 + ((k * 13) % 90);
    mixed.fold(p, (records[p] ?? []).slice(at[p], at[p] + size));
    at[p] = Math.min(at[p] + size, (records[p] ?? []).length);
  }
  const a = inOrder.train(task);
  const b = mixed.train(task);
  expect(a.artefact).not.toBeNull();
  expect(b).toEqual(a);
});

test('training repeated at the same boundary gives the same bytes; another seed gives others', () => {
  const trainer = trainerOf();
  for (const p of [0, 1]) trainer.fold(p, records[p] ?? []);
  const first = trainer.train(task);
  expect(trainer.train(task)).toEqual(first);
  expect(trainer.train({ ...task, seed: 10 }).artefact).not.toEqual(first.artefact);
});

function foldFifth(trainer: Trainer, id: number): void {
  for (const p of [0, 1]) {
    const all = records[p] ?? [];
    trainer.fold(p, all.slice(((id - 1) * all.length) / 5, (id * all.length) / 5));
  }
}

test('after four boundaries the weights lose a twentieth less on held-out ticks than the first weights do', () => {
  const learning = trainerOf({}, { warmUpTicks: 100_000 });
  const idle = trainerOf();
  for (const id of [1, 2, 3, 4]) {
    foldFifth(learning, id);
    foldFifth(idle, id);
    const { artefact, report, reason } = learning.train({ ...task, id });
    expect([reason, report.updates]).toEqual(['', 24]);
    learning.conclude(id, artefact);
    idle.conclude(id, null);
    const switched = control({ kind: 'switch', id, sha: 'cd'.repeat(32), how: 'refresh' });
    for (const p of [0, 1]) learning.fold(p, [switched]);
  }
  foldFifth(learning, 5);
  foldFifth(idle, 5);
  // Of the fifth block nothing was trained on by either.
  const trained = learning.train({ ...task, id: 5 }).report.lossBefore;
  expect(trained / idle.train({ ...task, id: 5 }).report.lossBefore).toBeLessThan(0.95);
});

test('warm-up trains longer: until its event time, until most symbols have their ticks, and while weights are new', () => {
  const updatesWith = (begin: Partial<Control>, firstUpdates = 0): number => {
    const trainer = trainerOf({ FORETICK_TRAIN_FIRST_UPDATES: `${firstUpdates}` }, begin);
    for (const p of [0, 1]) trainer.fold(p, records[p] ?? []);
    return trainer.train(task).report.updates;
  };
  const last = tape.at(-1)?.eventTimeNs ?? 0n;
  expect(updatesWith({ warmUpUntilNs: `${last + 1n}` })).toBe(24);
  expect(updatesWith({ warmUpUntilNs: `${last}` })).toBe(12);
  expect(updatesWith({ warmUpTicks: 1100 })).toBe(24);
  expect(updatesWith({ warmUpTicks: 900 })).toBe(12);
  expect(updatesWith({})).toBe(12);
  expect(updatesWith({}, 1)).toBe(24);
  expect(updatesWith({}, 36 * 30)).toBe(30);
});

test('memory over the bound is cut alike for all symbols at the boundary', () => {
  const trainer = trainerOf({ FORETICK_TRAIN_MEMORY: '1', FORETICK_TRAIN_RING_STEPS: '256' });
  for (const p of [0, 1]) trainer.fold(p, records[p] ?? []);
  const { artefact, reason } = trainer.train(task);
  expect(reason).toBe('');
  trainer.conclude(1, artefact);
  expect(trainer.train({ ...task, id: 2 }).reason).toBe('');
});

test('weights that would lose more on held-out ticks are refused, and the model stays', () => {
  const trainer = trainerOf({ FORETICK_TRAIN_GATE_RATIO: '0.5' });
  for (const p of [0, 1]) trainer.fold(p, records[p] ?? []);
  const result = trainer.train(task);
  expect(result).toMatchObject({ artefact: null, reason: 'HELD_OUT_LOSS_ROSE' });
  expect(trainerOf({ FORETICK_TRAIN_LARGEST_NORM: '1' }).train(task).reason).toBe('TOO_FEW_TICKS');
});

test('a gradient that is not finite is skipped and counted, and alone it makes no model', () => {
  const first = decodeModel(genesis);
  const raw = first.training.raw.slice();
  raw[5] = Number.NaN;
  const broken = encodeModel({ ...first, training: { ...first.training, raw } });
  const { recipe } = readSettings(trainSettings, {});
  const trainer = new Trainer({ settings, recipe, partitionCount: 1, genesis: broken });
  trainer.fold(0, tape.map(encodeTick));
  const result = trainer.train(task);
  expect(result).toMatchObject({
    reason: 'NO_FINITE_GRADIENT',
    report: { updates: 0, skippedUpdates: 24 },
  });
});

test('a record that cannot be read, a late and a doubled tick teach nothing', () => {
  const clean = trainerOf();
  const noisy = trainerOf();
  for (const p of [0, 1]) {
    const all = records[p] ?? [];
    clean.fold(p, all);
    noisy.fold(p, all.slice(0, 50));
    noisy.fold(p, [Uint8Array.of(9, 9, 9), all[10] as Uint8Array, all[49] as Uint8Array]);
    noisy.fold(p, all.slice(50));
  }
  expect(noisy.train(task).artefact).toEqual(clean.train(task).artefact);
});

test('the report says how far gradients reach back and how long units remember, in ticks of the window', () => {
  const trainer = trainerOf();
  for (const p of [0, 1]) trainer.fold(p, records[p] ?? []);
  const { gradientReach, forgetTicks, clippedUpdates, updates } = trainer.train(task).report;
  expect(gradientReach.map(({ lagTicks }) => lagTicks)).toEqual([8, 32, 63]);
  // An untrained LSTM of forget bias 1 keeps .73 of its memory per step: .73^8 = .08, .73^63 = 2e-9.
  const [near, middle, far] = gradientReach.map(({ ratio }) => ratio) as [number, number, number];
  expect(near).toBeLessThan(0.3);
  expect(near).toBeGreaterThan(1e-3);
  expect(middle).toBeLessThan(near);
  expect(far).toBeLessThan(middle);
  expect(far).toBeGreaterThan(0);
  // -1 / ln .73 = 3.2
  expect(forgetTicks?.median).toBeGreaterThan(2);
  expect(forgetTicks?.largest).toBeLessThan(20);
  expect(clippedUpdates).toBeLessThanOrEqual(updates);
});

test('where nothing was trained, nothing is said of reach', () => {
  expect(trainerOf().train(task).report).toMatchObject({
    updates: 0,
    skippedUpdates: 0,
    gradientReach: [],
    forgetTicks: null,
  });
});
