import type { SymbolName } from '#shared/market/symbol.ts';
import type { Row, Trade } from '#shared/market/tick.ts';

/** The ticks of one row: one per present cell, all at the row's time; a missing cell makes none. */
export function ticksOfRow(row: Row, columns: readonly SymbolName[]): Trade[] {
  const ticks: Trade[] = [];
  for (let k = 0; k < columns.length; k += 1) {
    const price = row.values[k];
    if (price === undefined || Number.isNaN(price)) continue;
    ticks.push({
      kind: 'trade',
      symbol: columns[k],
      feedEpoch: row.feedEpoch,
      seq: row.seq,
      eventTimeNs: row.eventTimeNs,
      price,
      size: 0,
      side: 0,
      book: null,
    });
  }
  return ticks;
}
