import type { Random } from '#shared/nn/random.ts';
import type { Tbptt } from '#shared/nn/tbptt.ts';
import { STATE_EVERY, type SymbolTape } from './symbol-tape.ts';

/** The buffers of a mini-batch of windows. */
export type WindowBatch = Pick<Tbptt, 'input' | 'target' | 'mask' | 'state'>;

/** Where a window begins: event `start`, a multiple of 8, of one symbol. */
export interface WindowStart {
  readonly tape: SymbolTape;
  readonly start: number;
}

export interface SamplingOptions {
  /** W, events of a window. */
  readonly steps: number;
  readonly recentShare: number;
  readonly recentReach: number;
}

/** Decides whether the pair of event t and its k-th horizon counts. */
export type Counts = (tape: SymbolTape, t: number, k: number) => boolean;

/** A symbol takes part once its kept events are more than a window. */
export function canTrain(tape: SymbolTape, steps: number): boolean {
  return tape.count - tape.firstStart > steps;
}

/**
 * Draws window starts: the symbol with p ~ sqrt(events), then near the present (exponential age) or evenly over what is kept.
 * The square root lets busy symbols say more without drowning the quiet ones.
 */
export function sampleWindows(
  tapes: readonly SymbolTape[],
  count: number,
  random: Random,
  options: SamplingOptions,
): WindowStart[] {
  const shares = tapes.map((tape) => Math.sqrt(tape.count - tape.firstStart - options.steps));
  const total = shares.reduce((sum, share) => sum + share, 0);
  return Array.from({ length: count }, () => {
    let left = random.next() * total;
    let at = 0;
    while (at < tapes.length - 1 && left >= shares[at]) {
      left -= shares[at];
      at += 1;
    }
    return { tape: tapes[at], start: startIn(tapes[at], random, options) };
  });
}

function startIn(tape: SymbolTape, random: Random, options: SamplingOptions): number {
  const span = tape.count - 1 - options.steps - tape.firstStart;
  const isRecent = random.next() < options.recentShare;
  const behind = isRecent
    ? span - random.exponential() * (span * options.recentReach + 1)
    : random.integer(span + 1);
  return tape.firstStart + Math.floor(Math.max(0, behind) / STATE_EVERY) * STATE_EVERY;
}

/** Copies windows into a batch; rows without a window, and events behind the newest, count for nothing. */
export function fillBatch(
  batch: WindowBatch,
  windows: readonly WindowStart[],
  sizes: { readonly rows: number; readonly steps: number; readonly horizons: number },
  counts: Counts,
): void {
  batch.mask.fill(0);
  batch.input.fill(0);
  batch.state.fill(0);
  const input = batch.input as Float32Array;
  const inputSize = input.length / (sizes.rows * sizes.steps);
  const stateSize = batch.state.length / sizes.rows;
  for (const [row, { tape, start }] of windows.entries()) {
    tape.copyStart(start, batch.state as Float32Array, row * stateSize);
    const end = Math.min(start + sizes.steps, tape.count);
    for (let t = start; t < end; t++) {
      const at = (t - start) * sizes.rows + row;
      tape.copyInput(t, input, at * inputSize);
      fillTargets(batch, at * sizes.horizons, sizes.horizons, (k) =>
        counts(tape, t, k) ? tape.target(t, k) : Number.NaN,
      );
    }
  }
}

function fillTargets(
  batch: WindowBatch,
  at: number,
  horizons: number,
  targetOf: (k: number) => number,
): void {
  for (let k = 0; k < horizons; k++) {
    const target = targetOf(k);
    if (Number.isNaN(target)) continue;
    batch.target[at + k] = target;
    batch.mask[at + k] = 1;
  }
}
