import { describe, expect, test } from 'vitest';
import { CELL_KINDS } from '#shared/nn/cells/cell-kinds.ts';
import { networkCell } from '#shared/nn/network-shape.ts';
import { aFold } from '#test/builders/a-fold.ts';
import { aModel, someSettings } from '#test/builders/a-model.ts';
import { aTape, recordsOf } from '#test/builders/a-tape.ts';

const SYMBOLS = ['venue:a', 'venue:b'];
const tape = aTape({ symbols: SYMBOLS, tickCount: 120 });
const cases = CELL_KINDS.flatMap((cell) => [
  { cell, layers: 1 },
  { cell, layers: 3 },
]);

describe.each(cases)('the fold with $layers of $cell', ({ cell, layers }) => {
  const other = aModel(someSettings({ cell, layers }), {
    remade: (p, k) => p * (1 + (k % 3) / 10),
  });
  const records = recordsOf([
    { kind: 'begin', warmUpTicks: 20 },
    ...tape.slice(0, 70),
    { kind: 'train', id: 1, ranges: [], seed: 1 },
    { kind: 'switch', id: 1, sha: other.sha, how: 'refresh' },
    ...tape.slice(70),
  ]);
  const whole = aFold({ cell, layers }, [other]).fold(records);

  test('makes a forecast for every trade', () => {
    const trades = tape.filter((tick) => tick.kind === 'trade').length;
    expect(whole.out.entries.flatMap(({ forecasts }) => forecasts)).toHaveLength(trades);
    expect(whole.nonFiniteCount).toBe(0);
  });

  test.each([1, 50, 72, 100])(
    'stopped after record %i and restored it goes on to the same bytes',
    (at) => {
      const broken = aFold({ cell, layers }, [other]);
      broken.fold(records.slice(0, at)).restart().fold(records.slice(at));
      expect(broken.forecastBytes()).toEqual(whole.forecastBytes());
      expect(broken.state()).toEqual(whole.state());
    },
  );

  test('the state of another cell or of fewer layers is refused, where its size tells', () => {
    const sizeOf = (shape: { cell: typeof cell; layers: number }): number =>
      networkCell({ ...shape, inputSize: 1, hiddenSize: 8 }).stateSize;
    const stranger = { cell: cell === 'lstm' ? ('gru' as const) : ('lstm' as const), layers };
    expect(sizeOf(stranger)).not.toBe(sizeOf({ cell, layers }));
    const fold = aFold(stranger);
    for (const [symbol, bytes] of whole.stored) fold.stored.set(symbol, bytes);
    expect(() => fold.restart()).toThrow(/state of venue:. must be version/);
  });
});
