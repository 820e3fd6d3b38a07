import type { HealthMessage } from '#shared/wire/message.ts';
import type { ForecastRings } from './forecast-rings.ts';
import type { GatewayHealth } from './gateway-health.ts';
import { FrameByEncoding, frameOf } from './message-encoding.ts';
import type { Receiver } from './receiver.ts';
import type { SymbolFilter } from './symbol-filter.ts';

const EVERY_MS = 1_000;

/** The feed's health once a second, to each only with the symbols that it may see. */
export class HealthFanout {
  readonly facts: GatewayHealth;
  connections = 0;
  readonly #rings: ForecastRings;
  readonly #receivers = new Map<Receiver, SymbolFilter>();
  #lastMs = Number.NEGATIVE_INFINITY;
  #newest: HealthMessage | null = null;

  constructor(rings: ForecastRings, facts: GatewayHealth) {
    this.#rings = rings;
    this.facts = facts;
  }

  join(receiver: Receiver, filter: SymbolFilter): void {
    this.#receivers.set(receiver, filter);
    if (this.#newest !== null)
      receiver.send(frameOf(seen(this.#newest, filter), receiver.encoding));
  }

  refilter(receiver: Receiver, filter: SymbolFilter): void {
    if (this.#receivers.has(receiver)) this.#receivers.set(receiver, filter);
  }

  leave(receiver: Receiver): void {
    this.#receivers.delete(receiver);
  }

  flush(nowMs: number): void {
    if (nowMs - this.#lastMs < EVERY_MS) return;
    this.#lastMs = nowMs;
    const message = this.facts.message(this.#rings, this.connections, nowMs);
    this.#newest = message;
    const frames = new Map<string, FrameByEncoding>();
    for (const [receiver, filter] of this.#receivers) {
      const shared =
        frames.get(filter.key) ??
        new FrameByEncoding((encoding) => frameOf(seen(message, filter), encoding));
      frames.set(filter.key, shared);
      if (!receiver.isBehind()) receiver.send(shared.in(receiver.encoding));
    }
  }
}

function seen(message: HealthMessage, filter: SymbolFilter): HealthMessage {
  return { ...message, stale: message.stale.filter((symbol) => filter.has(symbol)) };
}
