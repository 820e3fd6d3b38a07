import type { EventLog } from '#shared/log/event-log.ts';
import type { InvalidTickError } from '#shared/market/invalid-tick.ts';
import type { FeedNumber } from '#shared/market/tick.ts';
import { decodeVersionedJson, encodeVersionedJson } from '#shared/numeric/versioned-json.ts';
import { recordsBackwards } from './sources/feed-position.ts';
import type { SourceRow } from './sources/source.ts';

const VERSION = 1;
const LONGEST_RAW = 1_024;

/** One record of `rejects`: version 1, then JSON of reason, where, message, feedEpoch, seq (decimal) and the row, cut to 1 KiB. */
export function encodeReject(row: SourceRow, error: InvalidTickError): Uint8Array {
  const { where, feedEpoch, seq } = row;
  const { reason, message } = error;
  const raw = boundedText(row.raw);
  return encodeVersionedJson(VERSION, { reason, where, message, feedEpoch, seq: `${seq}`, raw });
}

/** The number of the newest row on `rejects` that ingest refused (predict puts its own there); null where there is none. */
export async function lastRejectOn(log: EventLog): Promise<FeedNumber | null> {
  for await (const { value } of recordsBackwards(log, 'rejects', 0)) {
    const number = numberIn(decodeVersionedJson(VERSION, value, 'a reject'));
    if (number !== null) return number;
  }
  return null;
}

function numberIn(reject: unknown): FeedNumber | null {
  if (typeof reject !== 'object' || reject === null) return null;
  if (!('feedEpoch' in reject) || !('seq' in reject)) return null;
  return { feedEpoch: Number(reject.feedEpoch), seq: BigInt(String(reject.seq)) };
}

function boundedText(raw: unknown): string {
  const text = JSON.stringify(raw, (_, value: unknown) =>
    typeof value === 'bigint' || (typeof value === 'number' && !Number.isFinite(value))
      ? String(value)
      : value,
  );
  // Characters outside ASCII take up to 3 bytes each.
  const bytes = new TextEncoder().encode(text).subarray(0, LONGEST_RAW);
  return new TextDecoder().decode(bytes);
}
