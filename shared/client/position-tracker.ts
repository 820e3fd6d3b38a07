import type {
  SentUpdate,
  SnapshotMessage,
  UpdateMessage,
  WireForecast,
} from '#shared/wire/message.ts';
import type { WirePosition } from '#shared/wire/request.ts';

/** How far this client has read, and what of a frame is new to it. */
export class PositionTracker {
  #position: WirePosition | null;

  constructor(position: WirePosition | null) {
    this.#position = position;
  }

  get position(): WirePosition | null {
    return this.#position;
  }

  /** Never goes back within a run: a server that lags behind the one before sends again what was taken there. */
  restart({ position }: Pick<SnapshotMessage, 'position'>): void {
    const own = this.#position?.run === position.run ? this.#position.src : {};
    const src = { ...own };
    for (const [partition, at] of Object.entries(position.src)) {
      if (BigInt(at) > BigInt(own[partition] ?? '-1')) src[partition] = at;
    }
    this.#position = { run: position.run, src };
  }

  forget(): void {
    this.#position = null;
  }

  /** Whether forecasts are missing between the position and the frame. */
  hasGap(update: SentUpdate): boolean {
    return Object.entries(update.covers).some(
      ([partition, { after }]) => BigInt(after) > this.#srcOf(partition),
    );
  }

  /** The frame's forecasts above the position; those at or below were taken before. */
  fresh(update: UpdateMessage): readonly WireForecast[] {
    return update.forecasts.filter(
      ({ position }) => BigInt(position.src) > this.#srcOf(`${position.partition}`),
    );
  }

  advance(update: SentUpdate): void {
    if (this.#position === null) return;
    const src = { ...this.#position.src };
    for (const [partition, { upTo }] of Object.entries(update.covers)) {
      if (BigInt(upTo) > this.#srcOf(partition)) src[partition] = upTo;
    }
    this.#position = { run: this.#position.run, src };
  }

  #srcOf(partition: string): bigint {
    return BigInt(this.#position?.src[partition] ?? '-1');
  }
}
