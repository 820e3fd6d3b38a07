import { CorruptBytesError } from '#shared/errors.ts';
import { ticksOfRow } from '#shared/forecast/row-ticks.ts';
import type { SymbolObservation } from '#shared/forecast/symbol-observation.ts';
import type { BeginControl, Control } from '#shared/market/control.ts';
import { asSymbol } from '#shared/market/symbol.ts';
import type { Quote, Row, Tick, Trade } from '#shared/market/tick.ts';
import { decodeTickRecord } from '#shared/market/tick-record.ts';
import type { QuantileNetwork } from '#shared/nn/quantile-network.ts';
import { SymbolTape } from './symbol-tape.ts';
import { TrainHistoryError } from './train-errors.ts';

export interface TapeOptions {
  readonly partition: number;
  readonly observation: SymbolObservation;
  /** Events kept per symbol at most, as the last boundary left it. */
  readonly limit: () => number;
  /** The network that boundary `id` switched to; undefined where it is not known. */
  readonly networkOf: (id: number) => QuantileNetwork | undefined;
}

/**
 * The trainer's fold of one partition: the forecaster's observation and recurrence over the same records, with every switch taken
 * at its own offset, so that stored states are those which the forecaster had. It skips what the forecaster skips.
 */
export class PartitionTape {
  readonly symbols = new Map<string, SymbolTape>();
  begin: BeginControl | null = null;
  /** Ticks so far, rows counted once, controls and records that cannot be read not at all. */
  tickCount = 0;
  newestNs: bigint | null = null;
  /** The newest boundary whose outcome this partition has passed. */
  lastBoundary = 0;
  private readonly options: TapeOptions;
  private network: QuantileNetwork;

  constructor(options: TapeOptions, genesis: QuantileNetwork) {
    this.options = options;
    this.network = genesis;
  }

  /** @throws TrainHistoryError `TRAIN_HISTORY_BROKEN` for a switch to a model that no boundary made */
  fold(value: Uint8Array): void {
    const decoded = decode(value);
    if (decoded === null) return;
    switch (decoded.kind) {
      case 'trade':
      case 'quote':
        this.countTick(decoded);
        this.take(decoded);
        break;
      case 'row':
        this.countTick(decoded);
        this.takeRow(decoded);
        break;
      default:
        this.takeControl(decoded);
    }
  }

  private countTick(tick: Tick): void {
    this.tickCount += 1;
    if (this.newestNs === null || tick.eventTimeNs > this.newestNs) {
      this.newestNs = tick.eventTimeNs;
    }
  }

  private take(tick: Trade | Quote): void {
    const tape = this.symbols.get(tick.symbol) ?? this.addSymbol(tick.symbol);
    const outcome = this.options.observation.take(tape.observed, 0, tick);
    if (outcome === 'event') tape.push(this.network);
  }

  private takeRow(row: Row): void {
    const columns = this.begin?.groups?.[row.symbol];
    if (columns === undefined || columns.length !== row.values.length) return;
    for (const tick of ticksOfRow(row, columns.map(asSymbol))) this.take(tick);
  }

  private addSymbol(symbol: string): SymbolTape {
    const { observation, limit } = this.options;
    const tape = new SymbolTape(symbol, observation, this.network.stateSize, limit());
    observation.begin(tape.observed, 0, this.begin?.priceSteps?.[symbol] ?? Number.NaN);
    this.symbols.set(symbol, tape);
    return tape;
  }

  private takeControl(control: Control): void {
    if (control.kind === 'begin') {
      this.begin ??= control;
      return;
    }
    if (control.kind === 'train' || control.id <= this.lastBoundary) return;
    this.lastBoundary = control.id;
    if (control.kind === 'refuse') return;
    const network = this.options.networkOf(control.id);
    if (network === undefined) {
      throw new TrainHistoryError(
        `partition ${this.options.partition} switches to model ${control.sha}, which boundary ${control.id} on models had not made when this process read it: another train process runs, or the topics contradict each other`,
        { partition: this.options.partition, id: control.id, sha: control.sha },
      );
    }
    this.network = network;
  }
}

/** A record that cannot be read is a reject of the forecaster's, and nothing to learn from. */
function decode(value: Uint8Array): Tick | Control | null {
  try {
    return decodeTickRecord(value);
  } catch (error) {
    if (error instanceof CorruptBytesError) return null;
    throw error;
  }
}
