import { expect } from 'vitest';
import { entriesOf } from '#services/replay/merged-forecasts.ts';
import { openRecordedFolder } from '#services/replay/recorded-folder.ts';
import type { ForecastEntry } from '#shared/forecast/forecast.ts';
import type { EventLog } from '#shared/log/event-log.ts';

/**
 * @param theirs folder of `npm start` or of a replay, which may go on
 * @param ours   the same, folded again
 * @returns how many entries of `ours` are in `theirs`, in their order and bit for bit; all of them must be
 */
export async function equalForecasts(theirs: string, ours: string): Promise<number> {
  const [truth, refolded] = [await openRecordedFolder(theirs), await openRecordedFolder(ours)];
  try {
    let count = 0;
    for (let partition = 0; partition < truth.log.partitionCount; partition++) {
      const found = await entries(refolded.log, partition);
      const expected = await entries(truth.log, partition);
      expect(found).toEqual(expected.slice(0, found.length));
      count += found.length;
    }
    return count;
  } finally {
    await truth.close();
    await refolded.close();
  }
}

async function entries(log: EventLog, partition: number): Promise<ForecastEntry[]> {
  const all: ForecastEntry[] = [];
  for await (const entry of entriesOf(log, partition)) all.push(entry);
  return all;
}
