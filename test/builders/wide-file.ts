/** The text of an hourly wide file. A cell that is `null` is left empty; its text is otherwise what JavaScript writes of it. */
export function wideFile(
  columns: readonly string[],
  rowCount: number,
  cellAt: (row: number, column: number) => number | string | null,
): string {
  const lines = [`date,${columns.join(',')}`];
  for (let row = 0; row < rowCount; row += 1) {
    const cells = columns.map((_, column) => cellAt(row, column) ?? '');
    lines.push(`${hour(row)},${cells.join(',')}`);
  }
  return `${lines.join('\n')}\n`;
}

/** The hour of a row, as ETT writes it. */
export function hour(row: number): string {
  return new Date(Date.UTC(2024, 0, 1, row)).toISOString().slice(0, 19).replace('T', ' ');
}
