import { createHash } from 'node:crypto';
import { CorruptBytesError } from '#shared/errors.ts';

const SHA256 = /^[0-9a-f]{64}$/;

/** The sha256 of an artefact's bytes, hex: the name that every ModelStore keeps it under. */
export function artefactName(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** False for text that no artefact can have as its name. */
export function isArtefactName(text: string): boolean {
  return SHA256.test(text);
}

/** @throws CorruptBytesError `BYTES_CORRUPT` where the stored bytes are no longer those of their name */
export function requireArtefact(name: string, bytes: Uint8Array): void {
  const found = artefactName(bytes);
  if (found === name) return;
  throw new CorruptBytesError(`model ${name} must hash to its name, was ${found}`, {
    expected: name,
    found,
  });
}
