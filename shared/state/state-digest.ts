import { createHash } from 'node:crypto';
import type { PartitionCommit, SymbolState } from './partition-commit.ts';

/**
 * sha256, hex, over `symbol:sha256 of its state\n` of all symbols, sorted. As with forecasts, no run, offset or partition is in it,
 * so that solo, replay and any number of partitions and processes agree (decision 0010).
 */
export class StateDigest {
  readonly #lines: string[] = [];

  add({ symbol, bytes }: SymbolState): void {
    this.#lines.push(`${symbol}:${createHash('sha256').update(bytes).digest('hex')}\n`);
  }

  toString(): string {
    return createHash('sha256').update(this.#lines.toSorted().join('')).digest('hex');
  }
}

/** @throws CorruptBytesError `BYTES_CORRUPT` */
export async function stateDigest(
  commit: Pick<PartitionCommit, 'load'>,
  partitionCount: number,
): Promise<string> {
  const digest = new StateDigest();
  for (let partition = 0; partition < partitionCount; partition++) {
    for await (const page of commit.load(partition)) for (const one of page) digest.add(one);
  }
  return `${digest}`;
}
