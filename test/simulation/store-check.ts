import { unseal } from '#shared/state/sealed-bytes.ts';
import type { PartitionOracle } from './oracle.ts';
import type { ClaimEffect, CommitEffect } from './redis-server.ts';
import type { StreamCheck } from './stream-check.ts';
import type { Violations } from './violations.ts';

type Fields = ReadonlyMap<string, Buffer>;

/** Watches the store from inside: whatever it goes to is the oracle's state there, by whoever owns it, after its forecasts. */
export class StoreCheck {
  readonly #oracles: readonly PartitionOracle[];
  readonly #stream: StreamCheck;
  readonly #violations: Violations;
  commitCount = 0;

  constructor(oracles: readonly PartitionOracle[], stream: StreamCheck, violations: Violations) {
    this.#oracles = oracles;
    this.#stream = stream;
    this.#violations = violations;
  }

  claimed({ key, generation, before }: ClaimEffect): void {
    const highest = Number(before.get('gen') ?? '0');
    if (generation > 0 && generation < highest) {
      this.#violations.add(`${key} was claimed by generation ${generation} after ${highest}`);
    }
  }

  committed({ key, token, base, before, after, written }: CommitEffect): void {
    this.commitCount += 1;
    const partition = partitionOfKey(key);
    if (`${before.get('tok')}` !== token) this.#violations.add(`${key}: a fenced owner committed`);
    if (`${before.get('next') ?? '0'}` !== base) {
      this.#violations.add(`${key}: a commit from ${base} was put on ${before.get('next')}`);
    }
    const next = Number(after.get('next'));
    this.#requireFields(partition, next, after, written);
    const { newest } = this.#stream;
    const needed = this.#oracles[partition].newestBelow(next);
    if (newest[partition] < needed) {
      this.#violations.add(
        `${key} moved to ${next} before forecast ${needed} was published, newest was ${newest[partition]}`,
      );
    }
  }

  /** The whole of what is stored, at the end. */
  requireWhole(partition: number, fields: Fields): void {
    const oracle = this.#oracles[partition];
    const next = Number(fields.get('next') ?? '0');
    if (next !== oracle.end) {
      this.#violations.add(`state of partition ${partition} ended at ${next}, not ${oracle.end}`);
    }
    const names = [...fields.keys()].filter((name) => name.startsWith('s:'));
    this.#requireFields(partition, next, fields, [...names, 'part']);
    for (const symbol of oracle.symbolsAt(next)) {
      if (!fields.has(`s:${symbol}`))
        this.#violations.add(`state of ${symbol} is missing at ${next}`);
    }
  }

  #requireFields(partition: number, next: number, fields: Fields, names: readonly string[]): void {
    const oracle = this.#oracles[partition];
    for (const name of names) {
      const isSymbol = name.startsWith('s:');
      if (!isSymbol && name !== 'part') continue;
      const expected = isSymbol
        ? oracle.symbolStateAt(name.slice(2), next)
        : oracle.partitionStateAt(next);
      const found = unseal(fields.get(name) ?? Buffer.alloc(0), name);
      if (expected === null || Buffer.compare(found, expected) !== 0) {
        this.#violations.add(
          `stored ${name} of partition ${partition} at ${next} is not the oracle's`,
        );
      }
    }
  }
}

/** `{prefix:run:partition}:ck` */
export function partitionOfKey(key: string): number {
  return Number(/:(\d+)\}:ck$/.exec(key)?.[1]);
}
