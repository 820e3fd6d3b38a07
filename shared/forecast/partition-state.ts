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
  const json = decodeVersionedJson(VERSION, bytes, WHAT) as Record<keyof PartitionState, unknown>;
  if (typeof json.prevSrc !== 'string' || typeof json.modelSha !== 'string') {
    throw new CorruptBytesError(
      `${WHAT} must name prevSrc and modelSha, was ${JSON.stringify(json)}`,
    );
  }
  return {
    prevSrc: BigInt(json.prevSrc),
    modelSha: json.modelSha,
    lastBoundary: Number(json.lastBoundary),
    begin: json.begin as BeginControl | null,
  };
}
