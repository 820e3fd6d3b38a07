import { CorruptBytesError } from '#shared/errors.ts';
import { asSymbol, InvalidSymbolError } from '#shared/market/symbol.ts';
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
  const json = decodeVersionedJson(VERSION, bytes, WHAT);
  if (!isScoreJson(json)) {
    throw new CorruptBytesError(
      `${WHAT} must have symbol, partition, src, eventTimeNs and horizons, was ${JSON.stringify(json)}`,
    );
  }
  return {
    symbol: asSymbol(json.symbol),
    partition: json.partition,
    src: BigInt(json.src),
    eventTimeNs: BigInt(json.eventTimeNs),
    horizons: json.horizons,
  };
}

const DECIMAL = /^-?\d{1,20}$/;
const SUMS = [
  'horizonTicks',
  'count',
  'crps',
  'crpsLastValue',
  'crpsEwmaGaussian',
  'absoluteError',
  'absoluteErrorLastValue',
] as const;

function isScoreJson(value: unknown): value is ScoreJson {
  const json = value as Readonly<Partial<Record<keyof ScoreJson, unknown>>> | null;
  return (
    isSymbol(json?.symbol) &&
    Number.isSafeInteger(json?.partition) &&
    isDecimal(json?.src) &&
    isDecimal(json?.eventTimeNs) &&
    Array.isArray(json?.horizons) &&
    json.horizons.every(isHorizonScore)
  );
}

function isHorizonScore(value: unknown): value is HorizonScore {
  const score = value as Readonly<Partial<Record<keyof HorizonScore, unknown>>> | null;
  return (
    SUMS.every((field) => typeof score?.[field] === 'number') &&
    isNumbers(score?.inside, 3) &&
    isNumbers(score?.pit, 20)
  );
}

function isNumbers(value: unknown, length: number): boolean {
  return Array.isArray(value) && value.length === length && value.every(Number.isFinite);
}

function isDecimal(value: unknown): boolean {
  return typeof value === 'string' && DECIMAL.test(value);
}

function isSymbol(value: unknown): boolean {
  if (typeof value !== 'string') return false;
  try {
    asSymbol(value);
    return true;
  } catch (error) {
    if (error instanceof InvalidSymbolError) return false;
    throw error;
  }
}
