import { fileWriter, ParquetWriter, schemaFromColumnData } from 'hyparquet-writer';
import type { Cell, ColumnType, ForecastColumn } from './forecast-columns.ts';
import type { RowFile } from './row-file.ts';

const ROW_GROUP_ROWS = 50_000;
/** 8 bytes each: a row group of very many columns is cut shorter, so that it stays near 64 MB. */
const ROW_GROUP_CELLS = 8_000_000;

const PARQUET_TYPES = {
  text: 'STRING',
  int32: 'INT32',
  int64: 'INT64',
  double: 'DOUBLE',
  boolean: 'BOOLEAN',
} as const satisfies Record<ColumnType, string>;

type ColumnData = string[] | boolean[] | Int32Array | BigInt64Array | Float64Array;

/** Parquet, Snappy, no nulls, one row group in memory at a time. */
export async function openParquetRows(
  path: string,
  columns: readonly ForecastColumn[],
): Promise<RowFile> {
  const capacity = Math.max(
    1,
    Math.min(ROW_GROUP_ROWS, Math.floor(ROW_GROUP_CELLS / columns.length)),
  );
  const data = columns.map((column) => columnData(column.type, capacity));
  let rowCount = 0;
  const named = () =>
    columns.map(({ name, type }, k) => ({
      name,
      type: PARQUET_TYPES[type],
      nullable: false,
      data: data[k].slice(0, rowCount),
    }));
  const writer = new ParquetWriter({
    writer: fileWriter(path),
    schema: schemaFromColumnData({ columnData: named() }),
    createdBy: 'foretick',
  });
  const flush = async () => {
    await writer.write({ columnData: named(), rowGroupSize: capacity });
    rowCount = 0;
  };
  return {
    write: (row) => {
      for (let k = 0; k < row.length; k++) (data[k] as Cell[])[rowCount] = row[k];
      rowCount += 1;
      return rowCount < capacity ? undefined : flush();
    },
    close: async () => {
      if (rowCount > 0) await flush();
      await writer.finish();
    },
  };
}

function columnData(type: ColumnType, capacity: number): ColumnData {
  if (type === 'int32') return new Int32Array(capacity);
  if (type === 'int64') return new BigInt64Array(capacity);
  if (type === 'double') return new Float64Array(capacity);
  return type === 'text' ? new Array<string>(capacity) : new Array<boolean>(capacity);
}
