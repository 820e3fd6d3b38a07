import type { Random } from '#shared/nn/random.ts';
import { exp } from '#shared/numeric/elementary.ts';
import type { Character } from './character.ts';
import type { MarketState } from './market-state.ts';

export type MarketEvent = 'buy' | 'sell' | 'quote';

export interface Switches {
  /** Calm and hectic times. */
  readonly hasRegimes: boolean;
  /** Silences of 5 to 40 s. */
  readonly hasGaps: boolean;
}

// Offspring per event: the spectral radius is .55 for trades and .3 for quotes, so both are stationary.
const SAME_SIDE = 0.45;
const OTHER_SIDE = 0.1;
const QUOTES_BY_TRADE = 0.6;
const QUOTES_BY_QUOTE = 0.3;
const OWN_TRADES = 1 - SAME_SIDE - OTHER_SIDE;
/** Per trade of the long run; with the offspring this makes 1.5 quotes per trade. */
const OWN_QUOTES = 0.45;
const DECAY_PER_TRADE_TIME = 0.8;
/** How far one-sided sizes in the book turn the side of the next trade. */
const LEAN = 0.5;

const ARCH = 0.07;
const GARCH = 0.9;
const LARGEST_VARIANCE_RATIO = 60;
/** One move in 20 comes from a normal 2.5 times as wide; divided by its standard deviation, the whole has variance 1. */
const WIDE_SHARE = 0.05;
const WIDE_SCALE = 2.5;
const MIXTURE_SCALE = 1 / Math.sqrt(1 - WIDE_SHARE + WIDE_SHARE * WIDE_SCALE * WIDE_SCALE);

const WIDEST_SPREAD = 7;
/** Sent at a change of regime only: it tells everyone. */
const REGIME_SPREAD = 9;
const LARGEST_LOTS = 500;

const CALM = { pace: 1, sigma: 1, follow: 0.4, leaveChance: 1 / 900 };
const HECTIC = { pace: 1.8, sigma: 2.2, follow: -0.2, leaveChance: 1 / 400 };
const GAP_CHANCE = 1 / 4_000;

/**
 * Moves a symbol to its next event, in place, and says which it was. Intensities are Hawkes processes with exponential kernels
 * (Hawkes 1971) drawn by thinning (Ogata 1981); the middle of the book moves at quotes, in whole steps, with GARCH(1,1)
 * variance (Bollerslev 1986) and towards the side that the flow leans to; trades jump between bid and ask.
 */
export function nextEvent(
  character: Character,
  switches: Switches,
  state: MarketState,
  random: Random,
): MarketEvent {
  if (switches.hasGaps && random.next() < GAP_CHANCE)
    wait(character, state, 5 + 35 * random.next());
  const event = waitForEvent(character, state, random);
  const decay = decayOf(character);
  if (event === 'quote') {
    quote(character, switches, state, random);
    state.quoteHeat += QUOTES_BY_QUOTE * decay;
    return event;
  }
  trade(character, state, random, event);
  state.buyHeat += (event === 'buy' ? SAME_SIDE : OTHER_SIDE) * decay;
  state.sellHeat += (event === 'sell' ? SAME_SIDE : OTHER_SIDE) * decay;
  state.quoteHeat += QUOTES_BY_TRADE * decay;
  return event;
}

function waitForEvent(character: Character, state: MarketState, random: Random): MarketEvent {
  const own = character.tradeRate * (state.regime === 0 ? CALM : HECTIC).pace;
  const lean = LEAN * imbalance(state);
  const buys = 0.5 * OWN_TRADES * own * (1 + lean);
  const sells = 0.5 * OWN_TRADES * own * (1 - lean);
  const quotes = OWN_QUOTES * own;
  for (;;) {
    // Heat only falls until the next event, so the intensity now bounds the intensity until then.
    const bound = buys + sells + quotes + state.buyHeat + state.sellHeat + state.quoteHeat;
    wait(character, state, random.exponential() / bound);
    const drawn = random.next() * bound;
    const buyEnd = buys + state.buyHeat;
    if (drawn < buyEnd) return 'buy';
    const sellEnd = buyEnd + sells + state.sellHeat;
    if (drawn < sellEnd) return 'sell';
    if (drawn < sellEnd + quotes + state.quoteHeat) return 'quote';
  }
}

function wait(character: Character, state: MarketState, seconds: number): void {
  const kept = exp(-decayOf(character) * seconds);
  state.time += seconds;
  state.buyHeat *= kept;
  state.sellHeat *= kept;
  state.quoteHeat *= kept;
}

function trade(
  character: Character,
  state: MarketState,
  random: Random,
  side: 'buy' | 'sell',
): void {
  const lots =
    1 + Math.min(LARGEST_LOTS, Math.floor(random.exponential() * 0.3 * character.meanLots));
  state.tradeLots = lots;
  state.tradeCount += 1;
  state.tradeSteps = side === 'buy' ? state.askSteps : state.bidSteps;
  if (side === 'buy') state.askLots = Math.max(1, state.askLots - lots);
  else state.bidLots = Math.max(1, state.bidLots - lots);
}

function quote(character: Character, switches: Switches, state: MarketState, random: Random): void {
  const changes = switches.hasRegimes && random.next() < regimeOf(state).leaveChance;
  const { follow } = regimeOf(state);
  const twiceMiddle = state.bidSteps + state.askSteps;
  const stepBp = 20_000 / twiceMiddle;
  const sigmaSteps = Math.sqrt(state.variance) / stepBp;
  const width = random.next() < WIDE_SHARE ? WIDE_SCALE : 1;
  const shock = random.normal() * width * MIXTURE_SCALE;
  const move = Math.round(sigmaSteps * (shock + follow * flow(character, state)));
  const usual = 1 + Math.floor(random.exponential() * Math.min(1.5, 0.4 * sigmaSteps));
  const spread = changes ? REGIME_SPREAD : Math.min(WIDEST_SPREAD, usual);
  // The middle may fall between two steps; which way it is rounded must not push the price.
  const below = (twiceMiddle + 2 * move - spread) / 2;
  const bid = Math.floor(below) + (Number.isInteger(below) || random.next() < 0.5 ? 0 : 1);
  state.bidSteps = Math.max(1, bid);
  state.askSteps = state.bidSteps + spread;
  const movedBp = ((state.bidSteps + state.askSteps - twiceMiddle) / 2) * stepBp;
  if (changes) state.regime = 1 - state.regime;
  state.variance = nextVariance(character, state, movedBp);
  state.bidLots = nextLots(character, move === 0 ? state.bidLots : null, random);
  state.askLots = nextLots(character, move === 0 ? state.askLots : null, random);
}

function nextVariance(character: Character, state: MarketState, movedBp: number): number {
  const calm = character.longRunBp * character.longRunBp;
  const { sigma } = regimeOf(state);
  const pulled = (1 - ARCH - GARCH) * calm * sigma * sigma;
  const next = pulled + ARCH * movedBp * movedBp + GARCH * state.variance;
  return Math.min(next, LARGEST_VARIANCE_RATIO * calm);
}

/** @param before lots that stood at the same price, null at a new one */
function nextLots(character: Character, before: number | null, random: Random): number {
  const expected = before === null ? character.meanLots : 0.6 * before + 0.4 * character.meanLots;
  const drawn = Math.round(expected * (0.4 + 0.6 * random.exponential()));
  return Math.min(LARGEST_LOTS, Math.max(1, drawn));
}

/** Which way sizes and recent trades lean, -1 (selling) to 1 (buying). */
function flow(character: Character, state: MarketState): number {
  const heat = state.buyHeat + state.sellHeat + OWN_TRADES * character.tradeRate;
  return 0.6 * imbalance(state) + (0.4 * (state.buyHeat - state.sellHeat)) / heat;
}

function imbalance(state: MarketState): number {
  return (state.bidLots - state.askLots) / (state.bidLots + state.askLots);
}

function regimeOf(state: MarketState): typeof CALM {
  return state.regime === 0 ? CALM : HECTIC;
}

function decayOf(character: Character): number {
  return DECAY_PER_TRADE_TIME * character.tradeRate;
}
