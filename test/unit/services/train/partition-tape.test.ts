import { expect, test } from 'vitest';
import { PartitionTape } from '#services/train/partition-tape.ts';
import { FEATURE_VERSION, INPUT_SIZE } from '#shared/features/feature-vector.ts';
import { createObservation } from '#shared/forecast/create-observation.ts';
import { Forecaster } from '#shared/forecast/forecaster.ts';
import { decodeModel, initialModel } from '#shared/forecast/model-artefact.ts';
import type { Control } from '#shared/market/control.ts';
import { asSymbol } from '#shared/market/symbol.ts';
import { encodeControl, encodeTick } from '#shared/market/tick-record.ts';
import { QuantileNetwork } from '#shared/nn/quantile-network.ts';
import { someSettings } from '#test/builders/a-model.ts';
import { momentumTape } from '#test/builders/momentum-tape.ts';

const settings = someSettings({
  horizons: [1, 5],
  levels: [0.1, 0.5, 0.9],
  hiddenSize: 4,
  headSize: 4,
  seed: 1,
});
const SHAS = ['00', '11', '22'].map((two) => two.repeat(32));

function networkOfSeed(seed: number): QuantileNetwork {
  const bytes = initialModel({ ...settings, seed }, INPUT_SIZE, FEATURE_VERSION);
  const { shape, weights } = decodeModel(bytes);
  return new QuantileNetwork(shape, weights);
}
const networks = [networkOfSeed(1), networkOfSeed(2), networkOfSeed(3)] as const;

const control = (value: Control): Uint8Array => encodeControl(value);
const switchTo = (id: number): Uint8Array =>
  control({ kind: 'switch', id, sha: SHAS[id] as string, how: 'refresh' });

/** A tape of two symbols and a group of rows, with switches, a refusal and repeats of all of them in between. */
function recordsOfTape(): Uint8Array[] {
  const ticks = momentumTape({ symbols: ['A', 'B'], count: 400 }).map(encodeTick);
  const rows = Array.from({ length: 60 }, (_, k) =>
    encodeTick({
      kind: 'row',
      symbol: asSymbol('wide'),
      feedEpoch: 1,
      seq: BigInt(1000 + k),
      eventTimeNs: 1_800_000_000_000_000_000n + BigInt(k) * 1_000_000_000n,
      values: Float64Array.of(50 + Math.sin(k), k % 7 === 0 ? Number.NaN : 20 + Math.cos(k)),
    }),
  );
  return [
    control({ kind: 'begin', groups: { wide: ['C', 'D'] }, priceSteps: { A: 0.01 } }),
    ...ticks.slice(0, 101),
    switchTo(1),
    ...ticks.slice(101, 222),
    switchTo(1),
    control({ kind: 'begin', priceSteps: { B: 5 } }),
    ...rows.slice(0, 33),
    switchTo(2),
    ...rows.slice(33),
    control({ kind: 'refuse', id: 3, reason: 'TOO_FEW_TICKS' }),
    ...ticks.slice(222),
  ];
}

test('start states are those of the forecaster, bit for bit, across switches, rows and repeats', () => {
  const model = (k: 0 | 1 | 2) => ({ sha: SHAS[k] as string, network: networks[k] });
  const forecaster = new Forecaster(0, settings, model(0));
  forecaster.addModel(model(1));
  forecaster.addModel(model(2));
  const observation = createObservation(settings);
  const tape = new PartitionTape(
    {
      partition: 0,
      observation,
      limit: () => 4096,
      networkOf: (id) => networks[id],
    },
    networks[0],
  );
  const seen: { symbol: string; count: number; bytes: Uint8Array }[] = [];
  for (const [offset, value] of recordsOfTape().entries()) {
    tape.fold(value);
    forecaster.fold([{ offset: BigInt(offset), value }]);
    for (const { symbol, bytes } of forecaster.drainChanged()) {
      seen.push({ symbol, bytes, count: tape.symbols.get(symbol)?.count ?? 0 });
    }
  }
  // The forecaster's state after event 8n - 1 is the start state of event 8n.
  const start = new Float32Array(8);
  const comparable = seen.filter(({ symbol, count }) => {
    return count % 8 === 0 && count < (tape.symbols.get(symbol)?.count ?? 0);
  });
  for (const { symbol, count, bytes } of comparable) {
    tape.symbols.get(symbol)?.copyStart(count, start, 0);
    expect(Buffer.from(bytes).includes(Buffer.from(start.buffer)), `${symbol} ${count}`).toBe(true);
  }
  expect(comparable.length).toBeGreaterThan(50);
});
