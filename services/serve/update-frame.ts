import { encode } from '@msgpack/msgpack';
import type { Cover } from '#shared/wire/message.ts';
import type { Covers } from './cover-mark.ts';
import type { HeldForecast } from './gathered-forecasts.ts';
import type { Encoding } from './message-encoding.ts';
import { forecastJson, forecastPacked } from './wire-forecast.ts';
import { WireFrame } from './wire-frame.ts';

export interface UpdateFrameOptions {
  readonly encoding: Encoding;
  readonly sentMs: number;
  readonly levels: readonly number[];
  readonly covers: Covers;
  readonly held: readonly HeldForecast[];
  /** How many will receive it. */
  readonly shareCount: number;
}

const COMMA = Buffer.from(',');
const JSON_END = Buffer.from(']}');

/** An `update` message, put together from the bytes of its forecasts, which are made once for all frames. */
export function updateFrame(options: UpdateFrameOptions): WireFrame {
  const { encoding, held, shareCount } = options;
  if (encoding === 'json') return new WireFrame(jsonBytes(options), 'text', shareCount);
  const parts: Uint8Array[] = [packedHead(options)];
  for (const { placed, merged } of held) parts.push(...forecastPacked(placed, merged));
  return new WireFrame(Buffer.concat(parts), 'binary', shareCount);
}

function jsonBytes({ sentMs, levels, covers, held }: UpdateFrameOptions): Uint8Array {
  const head = JSON.stringify({ type: 'update', sentMs, levels, covers: wireCovers(covers) });
  const parts: Uint8Array[] = [Buffer.from(`${head.slice(0, -1)},"forecasts":[`)];
  held.forEach(({ placed, merged }, k) => {
    if (k > 0) parts.push(COMMA);
    parts.push(...forecastJson(placed, merged));
  });
  parts.push(JSON_END);
  return Buffer.concat(parts);
}

/** The map with its forecasts still to come: a fifth entry, and the head of an array (MessagePack spec, formats). */
function packedHead({ sentMs, levels, covers, held }: UpdateFrameOptions): Uint8Array {
  const body = encode({ type: 'update', sentMs, levels, covers: wireCovers(covers) });
  body[0] = 0x85;
  const arrayHead = Buffer.alloc(5);
  arrayHead[0] = 0xdd;
  arrayHead.writeUInt32BE(held.length, 1);
  return Buffer.concat([body, encode('forecasts'), arrayHead]);
}

function wireCovers(covers: Covers): Record<string, Cover> {
  const wire: Record<string, Cover> = {};
  for (const [partition, { after, upTo }] of covers) {
    wire[partition] = { after: `${after}`, upTo: `${upTo}` };
  }
  return wire;
}
