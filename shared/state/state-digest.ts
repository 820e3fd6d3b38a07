import { createHash } from 'node:crypto';
import type { PartitionCommit } from './partition-commit.ts';

/**
 * sha256, hex, over `symbol:sha256 of its state\n` of all symbols, sorted. As with forecasts, no run, offset or partition is in it,
 * so that solo, replay and any number of partitions and processes agree (DECISIONS 6).
 *
 * @throws CorruptBytesError `BYTES_CORRUPT`
 */
export async function stateDigest(
  commit: Pick<PartitionCommit, 'load'>,
  partitionCount: number,
): Promise<string> {
  const lines: string[] = [];
  for (let partition = 0; partition < partitionCount; partition++) {
    for await (const page of commit.load(partition)) {
      for (const { symbol, bytes } of page) {
        lines.push(`${symbol}:${createHash('sha256').update(bytes).digest('hex')}\n`);
      }
    }
  }
  return createHash('sha256').update(lines.sort().join('')).digest('hex');
}
