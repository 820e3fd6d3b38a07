import { encode } from '@msgpack/msgpack';
import type { Cover } from '#shared/wire/message.ts';
import type { Covers } from './cover-mark.ts';
import type { HeldForecast } from './gathered-forecasts.ts';
import type { GroupBases } from './group-bases.ts';
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
  /** What those have that will receive it; absent: forecasts go whole. */
  readonly bases?: GroupBases | null;
}

const COMMA = Buffer.from(',');
const JSON_END = Buffer.from(']}');

/** An `update` message, put together from the bytes of its forecasts, which are made once for all frames. */
export function updateFrame(options: UpdateFrameOptions): WireFrame {
  return options.encoding === 'json' ? jsonFrame(options) : packedFrame(options);
}

function jsonFrame(options: UpdateFrameOptions): WireFrame {
  const { held, shareCount, bases } = options;
  const parts: Uint8Array[] = [jsonHead(options)];
  for (const one of held) {
    if (parts.length > 1) parts.push(COMMA);
    parts.push(bases?.bytesOf(one, 'json') ?? forecastJson(one.placed, one.merged));
  }
  parts.push(JSON_END);
  return new WireFrame(parts, 'text', shareCount);
}

let knownHead: {
  readonly covers: Covers;
  readonly sentMs: number;
  readonly bytes: Uint8Array;
} | null = null;
let knownLevels: { readonly levels: readonly number[]; readonly json: string } | null = null;

/** Groups that are told together, of the same stretch, differ in their forecasts alone. */
function jsonHead({ sentMs, levels, covers }: UpdateFrameOptions): Uint8Array {
  if (knownHead?.covers === covers && knownHead.sentMs === sentMs) return knownHead.bytes;
  if (knownLevels?.levels !== levels) knownLevels = { levels, json: JSON.stringify(levels) };
  const coversJson = JSON.stringify(wireCovers(covers));
  const bytes = Buffer.from(
    `{"type":"update","sentMs":${sentMs},"levels":${knownLevels.json},"covers":${coversJson},"forecasts":[`,
  );
  knownHead = { covers, sentMs, bytes };
  return bytes;
}

/** The map with its forecasts still to come: a fifth entry, and the head of an array (MessagePack spec, formats). */
function packedFrame(options: UpdateFrameOptions): WireFrame {
  const { sentMs, levels, covers, held, shareCount, bases } = options;
  const head = encode({ type: 'update', sentMs, levels, covers: wireCovers(covers) });
  head[0] = 0x85;
  const arrayHead = Buffer.alloc(5);
  arrayHead[0] = 0xdd;
  arrayHead.writeUInt32BE(held.length, 1);
  const parts: Uint8Array[] = [head, encode('forecasts'), arrayHead];
  for (const one of held) {
    parts.push(bases?.bytesOf(one, 'msgpack') ?? forecastPacked(one.placed, one.merged));
  }
  return new WireFrame(parts, 'binary', shareCount);
}

function wireCovers(covers: Covers): Record<string, Cover> {
  const wire: Record<string, Cover> = {};
  for (const [partition, { after, upTo }] of covers) {
    wire[partition] = { after: `${after}`, upTo: `${upTo}` };
  }
  return wire;
}
