import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type ReplayFlags, replayRequestFrom } from '#services/replay/config.ts';
import { requireOutputPaths } from '#services/replay/output-paths.ts';
import { aFolder } from '#test/builders/a-folder.ts';

async function checked(input: string, output: { forecasts?: string; rejects?: string }) {
  const folder = await aFolder({ 'tape.csv': 'recv_ns,price\n1,2\n' });
  await mkdir(join(folder, 'results.csv'));
  await symlink(join(folder, 'tape.csv'), join(folder, 'link.ndjson'));
  await symlink(folder, join(folder, 'detour'));
  const paths = Object.entries(output).map(([name, path]) => [name, join(folder, path)]);
  const flags: ReplayFlags = {
    ...{ input: join(folder, input), layout: 'ticks', symbolFrom: 'file', events: 'trades' },
    ...{ measure: 'price', badRows: 'fail', shape: 'wide', columns: 'point', horizons: '1' },
    ...{ warmUp: '25%', seed: '1', train: true, cut: '50%' },
    ...Object.fromEntries(paths),
  };
  return requireOutputPaths(replayRequestFrom(flags));
}

test.each([
  ['forecasts over the input file', 'tape.csv', { forecasts: 'tape.csv' }, 'a file of the input'],
  ['rejects over it through a link', 'tape.csv', { rejects: 'link.ndjson' }, 'a file of the input'],
  ['forecasts over a file of a folder', '', { forecasts: 'tape.csv' }, 'a file of the input'],
  [
    'a CSV that the next start would read',
    '',
    { forecasts: 'new.csv' },
    'outside the input folder',
  ],
  ['the same by another way', '', { forecasts: 'detour/new.csv' }, 'outside the input folder'],
  ['a folder', 'tape.csv', { forecasts: 'results.csv' }, 'must be a file, was a folder'],
  ['a folder that is not there', 'tape.csv', { forecasts: 'none/new.csv' }, 'must be there'],
  ['one file for both', 'tape.csv', { forecasts: 'a.ndjson', rejects: 'a.ndjson' }, 'two files'],
])('%s is refused before anything is read', async (_, input, output, message) => {
  const refused = checked(input, output);
  await expect(refused).rejects.toMatchObject({ code: 'REPLAY_ARGUMENT' });
  await expect(refused).rejects.toThrow(message);
});

test('files beside an input file, and other kinds of file beside a folder of input, are written', async () => {
  await checked('tape.csv', { forecasts: 'new.csv', rejects: 'rejects.ndjson' });
  await checked('', { forecasts: 'new.parquet' });
});
