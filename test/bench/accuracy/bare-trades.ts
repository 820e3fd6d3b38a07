import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** What a feed without a book has of a trade. */
const COLUMNS = ['recv_ns', 'symbol', 'price', 'qty', 'buyer_maker'];

/** Writes the trades of recorded tick files once more, without quotes and without best bid and ask. */
export async function writeBareTrades(from: string, into: string): Promise<void> {
  for (const name of await readdir(from)) {
    if (!name.endsWith('.csv.gz')) continue;
    const [header, ...lines] = gunzipSync(await readFile(join(from, name)))
      .toString()
      .trim()
      .split('\n')
      .map((line) => line.split(','));
    const at = COLUMNS.map((column) => header.indexOf(column));
    const kindAt = header.indexOf('kind');
    const trades = lines
      .filter((fields) => fields[kindAt] === 'T')
      .map((fields) => at.map((k) => fields[k]).join());
    const text = `${[COLUMNS.join(), ...trades].join('\n')}\n`;
    await writeFile(join(into, name.replace(/\.gz$/, '')), text);
  }
}
