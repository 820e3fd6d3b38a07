import { createHash } from 'node:crypto';

const MODULUS = 1n << 128n;
const DIGITS = 32;

/** Of a checkpoint that was never committed. */
export const EMPTY_DIGEST = '0'.repeat(DIGITS);

/**
 * What a field adds to the digest of its checkpoint: the first 128 bits of the sha256 over name, NUL and bytes. No name holds a
 * NUL.
 */
export function hashOfField(name: string, bytes: Uint8Array): bigint {
  const hash = createHash('sha256').update(`${name}\0`).update(bytes).digest('hex');
  return BigInt(`0x${hash.slice(0, DIGITS)}`);
}

/**
 * The digest of a checkpoint: the sum of its fields' hashes mod 2^128, so that a change of a few fields costs those fields only,
 * and a checkpoint made of two different ones is found. Against accidents, not against forgery.
 */
export class CheckpointDigest {
  readonly #hashes: Map<string, bigint>;
  #sum: bigint;

  constructor(hashes: ReadonlyMap<string, bigint> = new Map()) {
    this.#hashes = new Map(hashes);
    this.#sum = [...hashes.values()].reduce((sum, hash) => (sum + hash) % MODULUS, 0n);
  }

  /** What the digest will be once these fields have their new hashes; 32 hexadecimal digits. */
  with(changed: ReadonlyMap<string, bigint>): string {
    return textOf(this.#sumWith(changed));
  }

  set(changed: ReadonlyMap<string, bigint>): void {
    this.#sum = this.#sumWith(changed);
    for (const [name, hash] of changed) this.#hashes.set(name, hash);
  }

  toString(): string {
    return textOf(this.#sum);
  }

  #sumWith(changed: ReadonlyMap<string, bigint>): bigint {
    let sum = this.#sum;
    for (const [name, hash] of changed) sum += hash - (this.#hashes.get(name) ?? 0n);
    return ((sum % MODULUS) + MODULUS) % MODULUS;
  }
}

function textOf(sum: bigint): string {
  return sum.toString(16).padStart(DIGITS, '0');
}
