import { ByteReader } from '#shared/numeric/byte-reader.ts';
import { ByteWriter } from '#shared/numeric/byte-writer.ts';
import type { StoredClaim } from '../claim-rules.ts';
import { seal, unseal } from '../sealed-bytes.ts';

/** Sealed: run and token as text, generation u32, 1 and next u64 (0 and 0 before the first commit), the fold's own bytes. */
export function encodeClaim(claim: StoredClaim): Uint8Array {
  const writer = new ByteWriter(128 + claim.partitionState.length);
  writer.text16(claim.run);
  writer.text16(claim.token);
  writer.u32(claim.generation);
  writer.u8(claim.next === null ? 0 : 1);
  writer.u64(claim.next ?? 0n);
  writer.bytes(claim.partitionState);
  return seal(writer.finish());
}

/** @throws CorruptBytesError `BYTES_CORRUPT` */
export function decodeClaim(sealed: Uint8Array, what: string): StoredClaim {
  const reader = new ByteReader(unseal(sealed, what), what);
  const run = reader.text16();
  const token = reader.text16();
  const generation = reader.u32();
  const isCommitted = reader.u8() === 1;
  const next = reader.u64();
  const partitionState = reader.bytes(reader.remaining).slice();
  return { run, token, generation, next: isCommitted ? next : null, partitionState };
}
