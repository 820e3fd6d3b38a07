import { expect, test } from 'vitest';
import { type ReplayFlags, replayRequestFrom } from '#services/replay/config.ts';

const flags: ReplayFlags = {
  ...{ input: 'ticks.csv', layout: 'ticks', symbolFrom: 'column', events: 'trades' },
  ...{ measure: 'price', badRows: 'fail', shape: 'wide', columns: 'point' },
  ...{ horizons: '1', warmUp: '25%', seed: '1', train: true, cut: '50%' },
};

test('the cell is what the flag says, else it is left to FORETICK_CELL', () => {
  expect(replayRequestFrom(flags).cell).toBeNull();
  expect(replayRequestFrom({ ...flags, cell: 'gru' }).cell).toBe('gru');
});
