import type { ForecastEntry } from '#shared/forecast/forecast.ts';
import { decodeForecastPack } from '#shared/forecast/forecast-record.ts';
import type { Topic } from '#shared/log/topics.ts';
import { decodeVersionedJson } from '#shared/numeric/versioned-json.ts';
import type { PartitionOracle } from './oracle.ts';
import type { Violations } from './violations.ts';

/** Watches what is published: every copy is the oracle's, and the first copies follow on each other without a gap. */
export class StreamCheck {
  /** Newest `src` of each partition that stands in the log. */
  readonly newest: bigint[];
  entryCount = 0;
  readonly #oracles: readonly PartitionOracle[];
  readonly #violations: Violations;
  readonly #scores = new Set<string>();
  readonly #rejects = new Set<string>();

  constructor(oracles: readonly PartitionOracle[], violations: Violations) {
    this.#oracles = oracles;
    this.#violations = violations;
    this.newest = oracles.map(() => -1n);
  }

  appended(topic: Topic, partition: number, values: readonly Uint8Array[]): void {
    for (const value of values) {
      if (topic === 'forecasts') this.#pack(partition, value);
      if (topic === 'scores') this.#scores.add(Buffer.from(value).toString('base64'));
      if (topic === 'rejects') this.#rejects.add(whereOf(value));
    }
  }

  isWhole(): boolean {
    return this.#oracles.every(({ entries }, p) => (entries.at(-1)?.src ?? -1n) === this.newest[p]);
  }

  /** At the end: nothing is missing, and nothing is there that should not be. */
  finish(): void {
    const scores = this.#oracles.flatMap((oracle) => [...oracle.scores]);
    const rejects = this.#oracles.flatMap((oracle, p) =>
      [...oracle.rejects].map((offset) => `ticks/${p}/${offset}`),
    );
    this.#requireSame('scores', this.#scores, new Set(scores));
    this.#requireSame('rejects', this.#rejects, new Set(rejects));
  }

  #requireSame(what: string, found: ReadonlySet<string>, expected: ReadonlySet<string>): void {
    const missing = [...expected].filter((one) => !found.has(one)).length;
    const surplus = [...found].filter((one) => !expected.has(one)).length;
    if (missing > 0 || surplus > 0) {
      this.#violations.add(`${what}: ${missing} are missing, ${surplus} should not be there`);
    }
  }

  #pack(partition: number, value: Uint8Array): void {
    for (const entry of decodeForecastPack(value).entries) {
      this.entryCount += 1;
      const expected = this.#oracles[partition].entry(entry.src);
      if (expected === undefined || !isSame(entry, expected)) {
        this.#violations.add(`published entry ${partition}/${entry.src} is not the oracle's`);
      }
      if (entry.src <= this.newest[partition]) continue;
      if (entry.prev !== this.newest[partition]) {
        this.#violations.add(
          `published entry ${partition}/${entry.src} follows ${entry.prev}, the log had ${this.newest[partition]}`,
        );
      }
      this.newest[partition] = entry.src;
    }
  }
}

function whereOf(value: Uint8Array): string {
  return (decodeVersionedJson(1, value, 'a reject') as { readonly where: string }).where;
}

function isSame(found: ForecastEntry, expected: ForecastEntry): boolean {
  if (found.prev !== expected.prev || found.forecasts.length !== expected.forecasts.length) {
    return false;
  }
  return found.forecasts.every((one, k) => {
    const other = expected.forecasts[k];
    return (
      one.symbol === other.symbol &&
      one.origin === other.origin &&
      one.modelSha === other.modelSha &&
      one.isWarming === other.isWarming &&
      one.eventTimeNs === other.eventTimeNs &&
      Object.is(one.originValue, other.originValue) &&
      one.horizons.every((horizon, h) => {
        const { point, quantiles } = other.horizons[h];
        return (
          Object.is(horizon.point, Math.fround(point)) &&
          horizon.quantiles.every((quantile, q) => Object.is(quantile, quantiles[q]))
        );
      })
    );
  });
}
