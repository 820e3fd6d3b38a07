import { CorruptBytesError } from '#shared/errors.ts';
import { asSymbol } from '#shared/market/symbol.ts';
import { decodeVersionedJson, encodeVersionedJson } from '#shared/numeric/versioned-json.ts';
import type { HorizonScore, ScoreRecord } from './score.ts';

const VERSION = 1;
const WHAT = 'score record';

interface ScoreJson {
  readonly symbol: string;
  readonly partition: number;
  readonly src: string;
  readonly eventTimeNs: string;
  readonly horizons: readonly HorizonScore[];
}

export function encodeScore(score: ScoreRecord): Uint8Array {
  const json: ScoreJson = { ...score, src: `${score.src}`, eventTimeNs: `${score.eventTimeNs}` };
  return encodeVersionedJson(VERSION, json);
}

/** @throws CorruptBytesError `BYTES_CORRUPT` */
export function decodeScore(bytes: Uint8Array): ScoreRecord {
  const json = decodeVersionedJson(VERSION, bytes, WHAT) as ScoreJson;
  if (!Array.isArray(json.horizons)) {
    throw new CorruptBytesError(`${WHAT}: horizons must be a list, was ${typeof json.horizons}`);
  }
  return {
    symbol: asSymbol(json.symbol),
    partition: json.partition,
    src: BigInt(json.src),
    eventTimeNs: BigInt(json.eventTimeNs),
    horizons: json.horizons,
  };
}
