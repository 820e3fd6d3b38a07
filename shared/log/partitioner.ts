const ENCODER = new TextEncoder();
const SEED = 0x9747b28c;
const MULTIPLIER = 0x5bd1e995;
const ROTATION = 24;

/** Kept in a run's manifest: a symbol that changed its partition would leave its state behind. */
export const PARTITIONER = 'murmur2';

/**
 * The partition of a group: murmur2 (Appleby 2008) of its UTF-8, sign bit cleared, modulo the count. Equals what Kafka's default
 * partitioner makes of the same key, so both logs place a group alike.
 */
export function partitionOf(group: string, partitionCount: number): number {
  return (murmur2(ENCODER.encode(group)) & 0x7fffffff) % partitionCount;
}

/** @returns signed 32 bit, as in Kafka's `Utils.murmur2` */
export function murmur2(bytes: Uint8Array): number {
  let hash = SEED ^ bytes.length;
  const wholeEnd = bytes.length - (bytes.length % 4);
  for (let at = 0; at < wholeEnd; at += 4) {
    const word = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
    const mixed = Math.imul(word, MULTIPLIER);
    hash = Math.imul(hash, MULTIPLIER) ^ Math.imul(mixed ^ (mixed >>> ROTATION), MULTIPLIER);
  }
  const left = bytes.length - wholeEnd;
  if (left > 0) {
    for (let at = 0; at < left; at++) hash ^= bytes[wholeEnd + at] << (8 * at);
    hash = Math.imul(hash, MULTIPLIER);
  }
  hash ^= hash >>> 13;
  hash = Math.imul(hash, MULTIPLIER);
  return hash ^ (hash >>> 15);
}
