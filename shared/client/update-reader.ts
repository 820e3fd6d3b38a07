import type { SentUpdate, SnapshotMessage, WireForecast } from '#shared/wire/message.ts';
import type { WirePosition } from '#shared/wire/request.ts';
import { ForecastBases } from './forecast-bases.ts';
import { PositionTracker } from './position-tracker.ts';

export interface UpdateReaderOptions {
  readonly position?: WirePosition | undefined;
  /** Whether deltas are asked for. */
  readonly delta?: boolean | undefined;
}

/** Whole forecasts, each once, out of what is sent. */
export class UpdateReader {
  readonly #tracker: PositionTracker;
  readonly #bases: ForecastBases;

  constructor({ position, delta }: UpdateReaderOptions) {
    this.#tracker = new PositionTracker(position ?? null);
    this.#bases = new ForecastBases(delta === true);
  }

  get position(): WirePosition | null {
    return this.#tracker.position;
  }

  /** A connection begins. */
  begin(run: string): void {
    this.#bases.restart();
    if (this.position?.run !== run) this.#tracker.forget();
  }

  restart(snapshot: SnapshotMessage): void {
    this.#bases.restart(snapshot.forecasts);
    this.#tracker.restart(snapshot);
  }

  /** The forecasts above the position; null where something is missing: what follows on the position is to be asked for again. */
  fresh(update: SentUpdate): readonly WireForecast[] | null {
    const whole = this.#tracker.hasGap(update) ? null : this.#bases.whole(update);
    if (whole !== null) return this.#tracker.fresh(whole);
    this.#bases.restart();
    return null;
  }

  /** The position moves to the update's end. */
  advance(update: SentUpdate): void {
    this.#tracker.advance(update);
  }
}
