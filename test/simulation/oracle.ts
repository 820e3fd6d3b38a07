import { placedForecast, wireForecast } from '#services/serve/wire-forecast.ts';
import type { ForecastEntry } from '#shared/forecast/forecast.ts';
import { Forecaster } from '#shared/forecast/forecaster.ts';
import { encodeScore } from '#shared/forecast/score-record.ts';
import { ARTEFACTS, SETTINGS } from './settings.ts';
import type { PartitionTape } from './tape.ts';

/** Bytes that hold from an offset on. */
interface Version {
  /** Position from which on they are the state. */
  readonly next: number;
  readonly bytes: Uint8Array;
}

/** One forecast as a client must get it. */
export interface ExpectedForecast {
  readonly symbol: string;
  readonly src: number;
  /** JSON of the wire forecast, unmerged. */
  readonly text: string;
}

/**
 * What must come out of one partition: its tape folded straight, one record at a time, without the records that must have no
 * effect. Nothing of batches, claims or stores is in it.
 */
export class PartitionOracle {
  readonly entries: ForecastEntry[] = [];
  readonly forecasts: ExpectedForecast[] = [];
  /** By base64. */
  readonly scores = new Set<string>();
  readonly rejects = new Set<number>();
  readonly end: number;
  readonly #entryOf = new Map<bigint, ForecastEntry>();
  readonly #symbols = new Map<string, Version[]>();
  readonly #partition: Version[] = [];

  constructor(partition: number, tape: PartitionTape) {
    this.end = tape.length;
    const forecaster = new Forecaster(partition, SETTINGS, ARTEFACTS[0]);
    tape.forEach(({ value, effect }, offset) => {
      // A switch takes what it leaves out of the fold's models; a tape may come back to it.
      for (const model of ARTEFACTS) forecaster.addModel(model);
      if (effect === 'reject') this.rejects.add(offset);
      if (effect === 'fold') this.#fold(forecaster, partition, offset, value);
    });
  }

  entry(src: bigint): ForecastEntry | undefined {
    return this.#entryOf.get(src);
  }

  /** `src` of the newest entry below the position; -1 where there is none. */
  newestBelow(next: number): bigint {
    for (let k = this.entries.length - 1; k >= 0; k -= 1) {
      if (this.entries[k].src < BigInt(next)) return this.entries[k].src;
    }
    return -1n;
  }

  partitionStateAt(next: number): Uint8Array | null {
    return versionAt(this.#partition, next);
  }

  /** Null where the symbol has not ticked yet. */
  symbolStateAt(symbol: string, next: number): Uint8Array | null {
    return versionAt(this.#symbols.get(symbol) ?? [], next);
  }

  symbolsAt(next: number): string[] {
    return [...this.#symbols.keys()].filter((symbol) => this.symbolStateAt(symbol, next) !== null);
  }

  #fold(forecaster: Forecaster, partition: number, offset: number, value: Uint8Array): void {
    const out = forecaster.fold([{ offset: BigInt(offset), value }]);
    if (out.duplicateCount > 0 || out.rejects.length > 0) {
      throw new Error(`the tape of partition ${partition} has an unmeant record at ${offset}`);
    }
    for (const entry of out.entries) this.#expect(partition, entry);
    for (const score of out.scores)
      this.scores.add(Buffer.from(encodeScore(score)).toString('base64'));
    const next = offset + 1;
    this.#partition.push({ next, bytes: forecaster.partitionState() });
    for (const { symbol, bytes } of forecaster.drainChanged()) {
      const versions = this.#symbols.get(symbol) ?? [];
      this.#symbols.set(symbol, versions);
      versions.push({ next, bytes });
    }
  }

  #expect(partition: number, entry: ForecastEntry): void {
    const before = this.entries.at(-1)?.src ?? -1n;
    if (entry.prev !== before) throw new Error(`prev of ${entry.src} must be ${before}`);
    this.entries.push(entry);
    this.#entryOf.set(entry.src, entry);
    const { src, prev } = entry;
    for (const forecast of entry.forecasts) {
      const placed = placedForecast(forecast, { partition, src, prev }, null);
      const text = JSON.stringify(wireForecast(placed, 0));
      this.forecasts.push({ symbol: forecast.symbol, src: Number(src), text });
    }
  }
}

function versionAt(versions: readonly Version[], next: number): Uint8Array | null {
  for (let k = versions.length - 1; k >= 0; k -= 1) {
    if (versions[k].next <= next) return versions[k].bytes;
  }
  return null;
}
