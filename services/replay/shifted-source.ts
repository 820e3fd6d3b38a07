import type { SourceRow, TickSource } from '#services/ingest/sources/source.ts';
import type { Measure } from '#shared/market/measure.ts';
import type { RawTick } from '#shared/market/raw-tick.ts';

const PRICE_FACTOR = 1.001;
const VALUE_STEP = 1;

export interface ShiftedSource extends TickSource {
  /** Number of the first row that was changed; null where none was yet. */
  firstShifted(): bigint | null;
}

/**
 * The same tape with another future: from the first row after `cutNs` on, every price is 0.1 % higher, or every value higher
 * by one. Times and sizes stay.
 */
export function shiftedSource(source: TickSource, cutNs: bigint, measure: Measure): ShiftedSource {
  let first: bigint | null = null;
  const shifted = (row: SourceRow): SourceRow => {
    // Rows come in order of time, but for late ones: what arrives after the cut is the future, whatever its own time.
    if (first === null && timeOf(row.raw) > cutNs) first = row.seq;
    return first === null ? row : { ...row, raw: shiftedRaw(row.raw, measure) };
  };
  return {
    open: () => source.open(),
    rows: async function* () {
      for await (const batch of source.rows()) yield batch.map(shifted);
    },
    close: () => source.close(),
    firstShifted: () => first,
  };
}

function timeOf(raw: RawTick): bigint {
  return raw.kind !== 'unreadable' && typeof raw.time === 'bigint' ? raw.time : -(1n << 63n);
}

function shiftedRaw(raw: RawTick, measure: Measure): RawTick {
  const shift = (cell: unknown): unknown => shiftedCell(cell, measure);
  switch (raw.kind) {
    case 'trade':
      return { ...raw, price: shift(raw.price), bid: shift(raw.bid), ask: shift(raw.ask) };
    case 'quote':
      return { ...raw, bid: shift(raw.bid), ask: shift(raw.ask) };
    case 'row':
      return { ...raw, values: raw.values.map(shift) };
    default:
      return raw;
  }
}

// What is no number stays what it is, and is rejected at the same door.
function shiftedCell(cell: unknown, measure: Measure): unknown {
  if (cell === null || cell === undefined || String(cell).trim() === '') return cell;
  const value = Number(cell);
  if (!Number.isFinite(value)) return cell;
  return measure === 'price' ? value * PRICE_FACTOR : value + VALUE_STEP;
}
