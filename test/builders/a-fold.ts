import type { FoldOutput, ForecastModel, TickLogRecord } from '#shared/forecast/fold-output.ts';
import type { ForecastEntry } from '#shared/forecast/forecast.ts';
import { encodeForecastPack } from '#shared/forecast/forecast-record.ts';
import { Forecaster } from '#shared/forecast/forecaster.ts';
import type { ForecasterSettings } from '#shared/forecast/forecaster-settings.ts';
import { aModel, someSettings } from './a-model.ts';

/** A forecaster with what it has made and stored so far, as an owner would keep it. */
export class Fold {
  readonly out: Pick<FoldOutput, 'entries' | 'scores' | 'rejects'> = {
    entries: [],
    scores: [],
    rejects: [],
  };
  readonly stored = new Map<string, Uint8Array>();
  tickCount = 0;
  duplicateCount = 0;
  nonFiniteCount = 0;
  readonly #settings: ForecasterSettings;
  readonly #models: readonly ForecastModel[];
  #forecaster: Forecaster;

  constructor(settings: ForecasterSettings, models: readonly ForecastModel[]) {
    this.#settings = settings;
    this.#models = models;
    this.#forecaster = this.#fresh();
  }

  fold(records: readonly TickLogRecord[]): this {
    const made = this.#forecaster.fold(records);
    this.out.entries.push(...made.entries);
    this.out.scores.push(...made.scores);
    this.out.rejects.push(...made.rejects);
    this.tickCount += made.tickCount;
    this.duplicateCount += made.duplicateCount;
    this.nonFiniteCount += made.nonFiniteCount;
    for (const { symbol, bytes } of this.#forecaster.drainChanged()) this.stored.set(symbol, bytes);
    return this;
  }

  /** Forgets everything but the stored bytes, and goes on from them. */
  restart(): this {
    const partitionState = this.#forecaster.partitionState();
    this.#forecaster = this.#fresh();
    this.#forecaster.restorePartition(partitionState);
    for (const [symbol, bytes] of this.stored)
      this.#forecaster.restoreSymbol(symbol as never, bytes);
    return this;
  }

  /** Takes over the stored state of a partition. */
  restore(partitionState: Uint8Array): this {
    this.#forecaster.restorePartition(partitionState);
    return this;
  }

  /** Every byte of state and position. */
  state(): { readonly partition: Uint8Array; readonly [symbol: string]: Uint8Array } {
    const symbols = [...this.stored].toSorted(([a], [b]) => (a < b ? -1 : 1));
    return { partition: this.#forecaster.partitionState(), ...Object.fromEntries(symbols) };
  }

  /** Every byte of every forecast. */
  forecastBytes(entries: readonly ForecastEntry[] = this.out.entries): Uint8Array {
    return encodeForecastPack({ levels: this.#settings.levels, entries });
  }

  /** All that must not depend on how the records were cut. */
  made(): object {
    return { forecasts: this.forecastBytes(), state: this.state(), scores: this.out.scores };
  }

  #fresh(): Forecaster {
    const [genesis, ...others] = this.#models;
    const forecaster = new Forecaster(3, this.#settings, genesis);
    for (const model of others) forecaster.addModel(model);
    return forecaster;
  }
}

/** A fold of `someSettings` with their first model, unless said otherwise. */
export function aFold(
  over: Partial<ForecasterSettings> = {},
  others: readonly ForecastModel[] = [],
): Fold {
  const settings = someSettings(over);
  return new Fold(settings, [aModel(settings), ...others]);
}

/** The f32 part of a symbol's stored bytes that is h and c. */
export function carriedState(bytes: Uint8Array, hiddenSize: number): Float32Array {
  const copy = bytes.slice();
  const f64Slots = new DataView(copy.buffer).getUint32(4, true);
  return new Float32Array(copy.buffer, 16 + 8 * f64Slots, 2 * hiddenSize).slice();
}
