import type { SourceFiles } from './source-files.ts';

export const SOURCE_LINES = 250;
export const TEST_LINES = 400;

/** Files that may be longer, each with the reason. An entry that is no longer needed is a problem too. */
export type Exceptions = Readonly<Record<string, string>>;

export function sizeProblems(files: SourceFiles, exceptions: Exceptions): readonly string[] {
  const tooLong = [...files].flatMap(([path, text]) => {
    const limit = path.startsWith('test/') ? TEST_LINES : SOURCE_LINES;
    const lines = text.trimEnd().split('\n').length;
    return lines > limit ? [{ path, lines, limit }] : [];
  });
  const unneeded = Object.keys(exceptions).filter(
    (path) => !tooLong.some((file) => file.path === path),
  );
  return [
    ...tooLong
      .filter(({ path }) => !(path in exceptions))
      .map(({ path, lines, limit }) => `${path}: ${lines} lines, at most ${limit}`),
    ...unneeded.map((path) => `${path}: needs no exception`),
  ];
}
