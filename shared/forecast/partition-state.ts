import { CorruptBytesError } from '#shared/errors.ts';
import type { BeginControl } from '#shared/market/control.ts';
import { decodeVersionedJson, encodeVersionedJson } from '#shared/numeric/versioned-json.ts';

const VERSION = 1;
const WHAT = 'partition state';

/** What the fold remembers of a partition beside its symbols; stored with every checkpoint. */
export interface PartitionState {
  /** `src` of the newest forecast entry, -1 before the first. */
  readonly prevSrc: bigint;
  /** sha256 of the model in use, hex. */
  readonly modelSha: string;
  /** Number of the newest switch or refusal taken; 0 before the first. */
  readonly lastBoundary: number;
  /** The partition's settings; null before its first record. */
  readonly begin: BeginControl | null;
}

export function encodePartitionState(state: PartitionState): Uint8Array {
  return encodeVersionedJson(VERSION, { ...state, prevSrc: `${state.prevSrc}` });
}

/** @throws CorruptBytesError `BYTES_CORRUPT` */
export function decodePartitionState(bytes: Uint8Array): PartitionState {
  const json = decodeVersionedJson(VERSION, bytes, WHAT);
  if (!isStateJson(json)) {
    throw new CorruptBytesError(
      `${WHAT} must have prevSrc, modelSha, lastBoundary and begin, was ${JSON.stringify(json)}`,
    );
  }
  return { ...json, prevSrc: BigInt(json.prevSrc) };
}

interface StateJson extends Omit<PartitionState, 'prevSrc'> {
  /** Decimal. */
  readonly prevSrc: string;
}

function isStateJson(value: unknown): value is StateJson {
  const json = value as Readonly<Partial<Record<keyof PartitionState, unknown>>> | null;
  return (
    typeof json?.prevSrc === 'string' &&
    /^-?\d{1,20}$/.test(json.prevSrc) &&
    typeof json.modelSha === 'string' &&
    /^[0-9a-f]{64}$/.test(json.modelSha) &&
    Number.isSafeInteger(json.lastBoundary) &&
    typeof json.begin === 'object'
  );
}
