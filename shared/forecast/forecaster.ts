import { CorruptBytesError } from '#shared/errors.ts';
import type { BeginControl, Control } from '#shared/market/control.ts';
import type { Measure } from '#shared/market/measure.ts';
import { asSymbol, type SymbolName } from '#shared/market/symbol.ts';
import type { Quote, Row, Tick, Trade } from '#shared/market/tick.ts';
import { decodeTickRecord } from '#shared/market/tick-record.ts';
import type { QuantileNetwork } from '#shared/nn/quantile-network.ts';
import {
  countTick,
  emptyOutput,
  type FoldOutput,
  type ForecastModel,
  ModelMissingError,
  type TickLogRecord,
} from './fold-output.ts';
import type { Forecast } from './forecast.ts';
import type { ForecasterSettings } from './forecaster-settings.ts';
import {
  decodePartitionState,
  encodePartitionState,
  type PartitionState,
} from './partition-state.ts';
import { ticksOfRow } from './row-ticks.ts';
import { symbolKey } from './scores/randomised-pit.ts';
import { SymbolArena } from './symbol-arena.ts';
import type { SymbolFold } from './symbol-fold.ts';
import { symbolFoldOf } from './symbol-fold-of.ts';

/**
 * Rises with any change of the fold's results: features, network step, experts, calibration, forecast bytes. Runs of different versions
 * never mix (DECISIONS 19).
 */
export const FOLD_VERSION = 7;

/**
 * The fold of one partition: a deterministic function of (state, records, models). Folding one record at a time or a thousand
 * gives the same bits, since nothing depends on where a call begins or ends. After a throw its memory must be dropped.
 */
export class Forecaster {
  readonly #partition: number;
  readonly #measure: Measure;
  readonly #symbols: SymbolFold;
  readonly #arena: SymbolArena;
  readonly #models = new Map<string, ForecastModel>();
  readonly #left = new Set<string>();
  readonly #changed = new Set<number>();
  readonly #keys: number[] = [];
  #state: { -readonly [Key in keyof PartitionState]: PartitionState[Key] };
  #network: QuantileNetwork;
  #warmUpUntilNs: bigint | null = null;
  #out: FoldOutput = emptyOutput();

  constructor(partition: number, settings: ForecasterSettings, genesis: ForecastModel) {
    this.#partition = partition;
    this.#measure = settings.measure;
    this.#symbols = symbolFoldOf(settings);
    this.#arena = new SymbolArena(this.#symbols.f64Slots, this.#symbols.f32Slots);
    this.#network = genesis.network;
    this.#state = { prevSrc: -1n, modelSha: genesis.sha, lastBoundary: 0, begin: null };
    this.addModel(genesis);
  }

  /** sha256 of the model in use, hex. */
  get modelSha(): string {
    return this.#state.modelSha;
  }

  /** Makes a model known, so that a switch to it can be taken. */
  addModel(model: ForecastModel): void {
    this.#models.set(model.sha, model);
  }

  /** @throws ModelMissingError `MODEL_MISSING`, CorruptBytesError `BYTES_CORRUPT` */
  restorePartition(bytes: Uint8Array): void {
    this.#state = decodePartitionState(bytes);
    this.#network = this.#modelOf(this.#state.modelSha).network;
    this.#takeBegin(this.#state.begin);
  }

  /** @throws CorruptBytesError `BYTES_CORRUPT` */
  restoreSymbol(symbol: SymbolName, bytes: Uint8Array): void {
    const row = this.#arena.restore(symbol, bytes);
    this.#keys[row] = symbolKey(symbol);
  }

  partitionState(): Uint8Array {
    return encodePartitionState(this.#state);
  }

  /** The symbols that changed since the last call, with their bytes. */
  drainChanged(): { symbol: SymbolName; bytes: Uint8Array }[] {
    const changed = [...this.#changed].map((row) => ({
      symbol: this.#arena.nameOf(row),
      bytes: this.#arena.bytesOf(row),
    }));
    this.#changed.clear();
    return changed;
  }

  /** @throws ModelMissingError `MODEL_MISSING` */
  fold(records: readonly TickLogRecord[]): FoldOutput {
    this.#out = emptyOutput();
    for (const record of records) this.#foldRecord(record);
    // Not sooner: the same records may switch away from a model and back to it.
    for (const sha of this.#left) this.#models.delete(sha);
    this.#left.clear();
    return this.#out;
  }

  #foldRecord({ offset, value }: TickLogRecord): void {
    const decoded = this.#decode(offset, value);
    if (decoded === null) return;
    switch (decoded.kind) {
      case 'trade':
      case 'quote':
        if (this.#take(offset, decoded)) this.#issueAll(offset, [decoded], []);
        break;
      case 'row':
        this.#foldRow(offset, decoded);
        break;
      default:
        this.#foldControl(decoded);
    }
  }

  /** A record that cannot be read becomes a reject, and the offset goes on: the same on every replay. */
  #decode(offset: bigint, value: Uint8Array): Tick | Control | null {
    try {
      return decodeTickRecord(value);
    } catch (error) {
      if (!(error instanceof CorruptBytesError)) throw error;
      this.#out.rejects.push({ src: offset, reason: 'CORRUPT', message: error.message });
      return null;
    }
  }

  #foldRow(src: bigint, row: Row): void {
    const groups = this.#state.begin?.groups ?? {};
    // A group may be called `constructor`, which every object seems to have.
    const columns = Object.hasOwn(groups, row.symbol) ? groups[row.symbol] : undefined;
    if (columns === undefined || columns.length !== row.values.length) {
      const expected =
        columns === undefined ? 'a group that the run declares' : `${columns.length} cells`;
      const message = `row of ${row.symbol} must be of ${expected}, was ${row.values.length} cells`;
      this.#out.rejects.push({ src, reason: 'GROUP_UNKNOWN', message });
      return;
    }
    // All ticks of a record are taken in before any forecast is issued, so each sees the whole record and none the future.
    const symbols = columns.map(asSymbol);
    const taken = ticksOfRow(row, symbols).filter((tick) => this.#take(src, tick));
    const group = symbols.map((symbol) => this.#rowOf(symbol));
    this.#issueAll(src, taken, group);
  }

  /** @returns whether forecasts are due */
  #take(src: bigint, tick: Trade | Quote): boolean {
    const row = this.#rowOf(tick.symbol);
    const outcome = this.#symbols.take(this.#arena, row, tick, this.#keys[row]);
    countTick(this.#out, src, tick, outcome);
    if (outcome === 'event' || outcome === 'context') this.#changed.add(row);
    return outcome === 'event';
  }

  #issueAll(src: bigint, events: readonly (Trade | Quote)[], group: readonly number[]): void {
    const forecasts: Forecast[] = [];
    for (const tick of events) {
      const row = this.#rowOf(tick.symbol);
      const forecast = this.#issue(row, tick, group);
      if (forecast !== null) forecasts.push(forecast);
      this.#emitScores(src, row, tick);
    }
    if (forecasts.length === 0) return;
    this.#out.entries.push({ src, prev: this.#state.prevSrc, forecasts });
    this.#state.prevSrc = src;
  }

  #issue(row: number, tick: Trade | Quote, groupRows: readonly number[]): Forecast | null {
    const moment = { isWarming: this.#isWarming(row, tick), groupRows };
    const horizons = this.#symbols.issue(this.#arena, row, this.#network, moment);
    if (horizons === null) {
      this.#out.nonFiniteCount += 1;
      return null;
    }
    const { observation } = this.#symbols;
    const at = this.#arena.f64At(row);
    return {
      symbol: tick.symbol,
      measure: this.#measure,
      origin: observation.count(this.#arena.f64, at) - 1,
      eventTimeNs: tick.eventTimeNs,
      originValue: observation.price(this.#arena.f64, at),
      isWarming: moment.isWarming,
      modelSha: this.#state.modelSha,
      experts: this.#symbols.experts,
      horizons,
    };
  }

  #isWarming(row: number, tick: Trade | Quote): boolean {
    if (this.#warmUpUntilNs !== null) return tick.eventTimeNs < this.#warmUpUntilNs;
    const count = this.#symbols.observation.count(this.#arena.f64, this.#arena.f64At(row));
    // The last warm-up tick is the first scored origin: all of its targets lie behind warm-up.
    return count < (this.#state.begin?.warmUpTicks ?? 0);
  }

  #emitScores(src: bigint, row: number, tick: Trade | Quote): void {
    const horizons = this.#symbols.scores(this.#arena, row);
    if (horizons.length === 0) return;
    const { symbol, eventTimeNs } = tick;
    this.#out.scores.push({ symbol, partition: this.#partition, src, eventTimeNs, horizons });
  }

  #rowOf(symbol: SymbolName): number {
    const known = this.#arena.rowOf(symbol);
    if (known !== undefined) return known;
    const row = this.#arena.add(symbol);
    this.#keys[row] = symbolKey(symbol);
    this.#symbols.begin(this.#arena, row, this.#state.begin?.priceSteps?.[symbol] ?? Number.NaN);
    return row;
  }

  #foldControl(control: Control): void {
    if (control.kind === 'begin') {
      // Only the first counts: a second one is the repeat of an ingest that crashed before it knew of the first.
      if (this.#state.begin === null) this.#takeBegin(control);
      return;
    }
    if (control.kind === 'train' || control.id <= this.#state.lastBoundary) return;
    this.#state.lastBoundary = control.id;
    if (control.kind === 'refuse') return;
    this.#network = this.#modelOf(control.sha).network;
    this.#left.add(this.#state.modelSha);
    this.#left.delete(control.sha);
    this.#state.modelSha = control.sha;
  }

  #takeBegin(begin: BeginControl | null): void {
    this.#state.begin = begin;
    const until = begin?.warmUpUntilNs;
    this.#warmUpUntilNs = until === undefined ? null : BigInt(until);
  }

  #modelOf(sha: string): ForecastModel {
    const model = this.#models.get(sha);
    if (model !== undefined) return model;
    const partition = this.#partition;
    const message = `partition ${partition} needs model ${sha}, which was not handed to it`;
    throw new ModelMissingError(message, { partition, sha });
  }
}
