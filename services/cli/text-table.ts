/** Rows as columns of text under their titles; numbers to the right. */
export function textTable(
  titles: readonly string[],
  rows: readonly (readonly (string | number | bigint)[])[],
): string {
  const widths = titles.map((title, k) =>
    Math.max(title.length, ...rows.map((row) => `${row[k]}`.length)),
  );
  const line = (cells: readonly (string | number | bigint)[]): string =>
    cells
      .map((cell, k) =>
        typeof cell === 'string' ? cell.padEnd(widths[k]) : `${cell}`.padStart(widths[k]),
      )
      .join('  ')
      .trimEnd();
  return [line(titles), ...rows.map(line)].join('\n');
}
