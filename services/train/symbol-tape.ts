import type { SymbolObservation } from '#shared/forecast/symbol-observation.ts';
import type { QuantileNetwork } from '#shared/nn/quantile-network.ts';

/** Every how many events the state before the event is kept: windows begin there. */
export const STATE_EVERY = 8;
/** Targets are clipped to this many scales: one jump must not own the gradient. */
const LARGEST_TARGET = 12;
const FIRST_CAPACITY = 256;

/** Bytes that one kept event takes. */
export function bytesPerStep(inputSize: number, horizons: number, stateSize: number): number {
  return 4 * inputSize + 8 + 12 * horizons + Math.ceil((4 * stateSize) / STATE_EVERY);
}

/**
 * What training remembers of one symbol: of each of its newest forecast events the input, value and scales, the targets once they
 * have matured, and before every 8th the recurrent state as the weights of that moment made it. Events are numbered from 0; the ring
 * doubles up to `limit` and then forgets the oldest.
 */
export class SymbolTape {
  readonly symbol: string;
  /** The observation's slots of this symbol. */
  readonly observed: Float64Array;
  /** Events so far; those from `oldest` are kept. */
  count = 0;
  oldest = 0;
  /** `count` when the last boundary was concluded: targets that matured from here on are news. */
  newsFrom = 0;
  private readonly observation: SymbolObservation;
  private readonly state: Float32Array;
  private limit: number;
  private ring: Ring;

  /**
   * @param stateSize numbers of the network's state
   * @param limit     events kept at most; a multiple of 8
   */
  constructor(symbol: string, observation: SymbolObservation, stateSize: number, limit: number) {
    this.symbol = symbol;
    this.observation = observation;
    this.limit = limit;
    this.observed = new Float64Array(observation.slots);
    this.state = new Float32Array(stateSize);
    this.ring = this.emptyRing(Math.min(FIRST_CAPACITY, limit));
  }

  /** The first event at which a window can begin. */
  get firstStart(): number {
    return Math.ceil(this.oldest / STATE_EVERY) * STATE_EVERY;
  }

  /** Keeps the event that the observation took last, matures the targets it completes, and carries the state over it. */
  push(network: QuantileNetwork): void {
    this.makeRoom();
    const t = this.count;
    const { ring, observed, observation, state } = this;
    const { inputSize, horizons } = observation;
    const K = horizons.length;
    const at = t % ring.capacity;
    if (t % STATE_EVERY === 0) ring.starts.set(state, (at / STATE_EVERY) * state.length);
    observation.input(observed, 0, ring.inputs, at * inputSize);
    const value = observation.value(observed, 0);
    ring.values[at] = value;
    for (let k = 0; k < K; k++) {
      ring.scales[at * K + k] = observation.scale(observed, 0, k);
      ring.targets[at * K + k] = Number.NaN;
      const origin = t - horizons[k];
      if (origin >= this.oldest) this.mature(origin, k, value);
    }
    // As in the forecaster: where the step is not finite, the state stays.
    network.carry(ring.inputs, at * inputSize, state, 0);
    this.count = t + 1;
  }

  /** Copies I inputs of event `t`. */
  copyInput(t: number, into: Float32Array, intoAt: number): void {
    const size = this.observation.inputSize;
    const at = (t % this.ring.capacity) * size;
    for (let k = 0; k < size; k++) into[intoAt + k] = this.ring.inputs[at + k];
  }

  /** The change of value from event `t` over its k-th horizon, in scales; NaN where it has not matured. */
  target(t: number, k: number): number {
    return this.ring.targets[(t % this.ring.capacity) * this.observation.horizons.length + k];
  }

  /** Copies the state before event `t`, a multiple of 8. */
  copyStart(t: number, into: Float32Array, intoAt: number): void {
    const size = this.state.length;
    const at = ((t % this.ring.capacity) / STATE_EVERY) * size;
    for (let k = 0; k < size; k++) into[intoAt + k] = this.ring.starts[at + k];
  }

  /** From now on keeps at most `limit` (a multiple of 8) events. */
  cutTo(limit: number): void {
    this.limit = limit;
    if (this.ring.capacity > limit) this.resize(limit);
  }

  private mature(origin: number, k: number, value: number): void {
    const { ring } = this;
    const K = this.observation.horizons.length;
    const at = origin % ring.capacity;
    const scaled = (value - ring.values[at]) / ring.scales[at * K + k];
    ring.targets[at * K + k] = Math.max(-LARGEST_TARGET, Math.min(LARGEST_TARGET, scaled));
  }

  private makeRoom(): void {
    if (this.count - this.oldest < this.ring.capacity) return;
    if (this.ring.capacity < this.limit) {
      this.resize(Math.min(2 * this.ring.capacity, this.limit));
    } else {
      this.oldest += 1;
    }
  }

  private resize(capacity: number): void {
    const from = this.ring;
    const to = this.emptyRing(capacity);
    const { inputSize, horizons } = this.observation;
    this.oldest = Math.max(this.oldest, this.count - capacity);
    for (let t = this.oldest; t < this.count; ) {
      const a = t % from.capacity;
      const b = t % capacity;
      const count = Math.min(this.count - t, from.capacity - a, capacity - b);
      const K = horizons.length;
      copyRows([from.inputs, a], [to.inputs, b], count, inputSize);
      copyRows([from.values, a], [to.values, b], count, 1);
      copyRows([from.scales, a], [to.scales, b], count, K);
      copyRows([from.targets, a], [to.targets, b], count, K);
      // Rows of starts are those of the events that are multiples of 8, and so are both capacities.
      const [first, end] = [a, a + count].map((row) => Math.ceil(row / STATE_EVERY));
      const firstTo = Math.ceil(b / STATE_EVERY);
      copyRows([from.starts, first], [to.starts, firstTo], end - first, this.state.length);
      t += count;
    }
    this.ring = to;
  }

  private emptyRing(capacity: number): Ring {
    const { inputSize, horizons } = this.observation;
    return {
      capacity,
      inputs: new Float32Array(capacity * inputSize),
      values: new Float64Array(capacity),
      scales: new Float64Array(capacity * horizons.length),
      targets: new Float32Array(capacity * horizons.length),
      starts: new Float32Array((capacity / STATE_EVERY) * this.state.length),
    };
  }
}

/** Event t sits in row t mod capacity, its start state in row (t mod capacity) / 8; the capacity is a multiple of 8. */
interface Ring {
  readonly capacity: number;
  readonly inputs: Float32Array;
  readonly values: Float64Array;
  readonly scales: Float64Array;
  readonly targets: Float32Array;
  readonly starts: Float32Array;
}

/** `count` rows on end. */
function copyRows<T extends Float32Array | Float64Array>(
  [from, fromRow]: readonly [T, number],
  [to, toRow]: readonly [T, number],
  count: number,
  size: number,
): void {
  to.set(from.subarray(fromRow * size, (fromRow + count) * size), toRow * size);
}
