import type { Random } from '#shared/nn/random.ts';
import { ln } from '#shared/numeric/elementary.ts';
import type { Character } from './character.ts';
import type { MarketState } from './market-state.ts';
import { nextEvent, type Switches } from './next-event.ts';

/** The distribution of the log return from the last trade to the one `horizonTicks` trades later, given all that was sent. */
export interface TrueLaw {
  readonly originPrice: number;
  /** Draws of the return, basis points, rising. */
  readonly draws: Float64Array;
}

export interface LawOptions {
  readonly horizonTicks: number;
  /** Standard error of a probability p read off the draws: sqrt(p (1 - p) / samples). */
  readonly samples: number;
}

/** Plays the market on from a state as often as asked, with chance of its own; the state stays. */
export function sampleLaw(
  character: Character,
  switches: Switches,
  from: MarketState,
  random: Random,
  { horizonTicks, samples }: LawOptions,
): TrueLaw {
  const state = { ...from };
  const draws = new Float64Array(samples);
  for (let k = 0; k < samples; k++) {
    Object.assign(state, from);
    const end = from.tradeCount + horizonTicks;
    while (state.tradeCount < end) nextEvent(character, switches, state, random);
    draws[k] = 10_000 * ln(state.tradeSteps / from.tradeSteps);
  }
  return { originPrice: from.tradeSteps / character.stepsPerUnit, draws: draws.sort() };
}

/** The smallest draw that at least `level` of the draws do not exceed. */
export function quantileOf(draws: Float64Array, level: number): number {
  const at = Math.ceil(level * draws.length) - 1;
  return draws[Math.min(draws.length - 1, Math.max(0, at))];
}
