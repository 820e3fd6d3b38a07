import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { SourceInputError } from './source-errors.ts';

const EXTENSION = /\.csv(\.gz)?$/;

export interface CsvFile {
  readonly path: string;
  readonly name: string;
  /** The name without its extension. */
  readonly stem: string;
  readonly isGzip: boolean;
}

/**
 * The CSV files that an input names: itself, or those in the folder (not below it), sorted by name.
 *
 * @throws SourceInputError `SOURCE_INPUT`
 */
export async function csvFilesOf(input: string): Promise<readonly CsvFile[]> {
  const entry = await stat(input).catch((cause: unknown) => {
    const found = input === '' ? 'the name was empty' : `${input} was not found`;
    throw new SourceInputError(`input must be a file or folder, ${found}`, { input }, cause);
  });
  if (!entry.isDirectory()) {
    if (EXTENSION.test(input)) return [csvFile(input)];
    throw new SourceInputError(`input must end in .csv or .csv.gz, was ${basename(input)}`, {
      input,
    });
  }
  const entries = await readdir(input, { withFileTypes: true });
  // Some systems keep a hidden file of their own beside each of ours, under its name.
  const names = entries
    .filter((one) => !one.isDirectory() && !one.name.startsWith('.'))
    .map(({ name }) => name);
  const files = names
    .filter((name) => EXTENSION.test(name))
    .sort()
    .map((name) => csvFile(join(input, name)));
  if (files.length === 0) {
    const expected = 'a folder must hold .csv or .csv.gz files';
    throw new SourceInputError(`${expected}, ${input} held ${entries.length} other entries`, {
      input,
    });
  }
  refuseEqualStems(files);
  return files;
}

function csvFile(path: string): CsvFile {
  const name = basename(path);
  return { path, name, stem: name.replace(EXTENSION, ''), isGzip: name.endsWith('.gz') };
}

// The stem names the group or the symbol: two files of one stem would be mixed into one series.
function refuseEqualStems(files: readonly CsvFile[]): void {
  for (const [at, file] of files.entries()) {
    const twin = files.slice(at + 1).find((other) => other.stem === file.stem);
    if (twin !== undefined) {
      throw new SourceInputError(
        `files of one folder must differ by more than their extension, were ${file.name} and ${twin.name}`,
        { stem: file.stem },
      );
    }
  }
}
