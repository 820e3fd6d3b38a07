import type { Cell } from './forecast-columns.ts';

/** A table being written row by row; memory stays bounded whatever its length. */
export interface RowFile {
  /** Cells in column order. Await it: it waits while the disk is behind. */
  write(row: readonly Cell[]): Promise<void> | undefined;
  close(): Promise<void>;
}
