import { LONGEST_SEASON, SHORTEST_SEASON } from '#shared/forecast/series/series-shape.ts';
import type { Measure } from '#shared/market/measure.ts';
import { ReplayArgumentError } from './replay-error.ts';

/** Warm-up as ticks of each symbol, or as a share of the tape's event time. */
export type WarmUp = { readonly ticks: number } | { readonly percent: number };

const LARGEST_HORIZON = 10_000;
const MOST_HORIZONS = 255;

/**
 * `1,10,100`, ranges as in `1..48`, or both; in ticks. Rising, each once.
 *
 * @throws ReplayArgumentError `REPLAY_ARGUMENT`
 */
export function horizonsFrom(text: string): readonly number[] {
  const horizons = text.split(',').flatMap((part) => horizonsOfPart(part.trim()));
  const rising = [...new Set(horizons)].sort((a, b) => a - b);
  if (rising.length > MOST_HORIZONS) {
    throw new ReplayArgumentError(
      `there can be ${MOST_HORIZONS} horizons, there were ${rising.length}`,
    );
  }
  return rising;
}

function horizonsOfPart(part: string): number[] {
  if (/^\d+(\.\d+)?(ns|us|ms|s|m|h|d)$/.test(part)) {
    throw new ReplayArgumentError(
      `horizons in event time are not supported yet, only horizons in ticks; was ${part}`,
      { part },
    );
  }
  const match = /^(\d+)(?:\.\.(\d+))?$/.exec(part);
  const from = Number(match?.[1]);
  const to = Number(match?.[2] ?? match?.[1]);
  if (match === null || from < 1 || to > LARGEST_HORIZON || from > to) {
    throw new ReplayArgumentError(
      `a horizon is a whole number of ticks from 1 to ${LARGEST_HORIZON} or a range as 1..48, was ${JSON.stringify(part)}`,
      { part },
    );
  }
  return Array.from({ length: to - from + 1 }, (_, k) => from + k);
}

/** `500` (ticks of each symbol) or `25%` (of the tape's event time). @throws ReplayArgumentError `REPLAY_ARGUMENT` */
export function warmUpFrom(text: string): WarmUp {
  if (text.endsWith('%')) return { percent: percentFrom(text) };
  const ticks = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(ticks)) {
    throw new ReplayArgumentError(
      `warm-up is a whole number of ticks or a percentage as 25%, was ${JSON.stringify(text)}`,
      { text },
    );
  }
  return { ticks };
}

/** Ticks of a season, from 4 to 10,000, of a series of values; null where none is given. @throws ReplayArgumentError `REPLAY_ARGUMENT` */
export function seasonFrom(text: string | undefined, measure: Measure): number | null {
  if (text === undefined) return null;
  const ticks = Number(text);
  if (!/^\d+$/.test(text) || ticks < SHORTEST_SEASON || ticks > LONGEST_SEASON) {
    throw new ReplayArgumentError(
      `a season is a whole number of ticks from ${SHORTEST_SEASON} to ${LONGEST_SEASON}, was ${JSON.stringify(text)}`,
      { text },
    );
  }
  if (measure !== 'value') {
    throw new ReplayArgumentError('a season is for values: it needs --measure value', { measure });
  }
  return ticks;
}

/** A whole number of 32 bits. @throws ReplayArgumentError `REPLAY_ARGUMENT` */
export function seedFrom(text: string): number {
  const seed = Number(text);
  if (!/^\d+$/.test(text) || seed > 0xffffffff) {
    throw new ReplayArgumentError(
      `a seed is a whole number from 0 to ${0xffffffff}, was ${JSON.stringify(text)}`,
      { text },
    );
  }
  return seed;
}

/** `25%,50%`: shares of the tape's event time. @throws ReplayArgumentError `REPLAY_ARGUMENT` */
export function cutsFrom(text: string): readonly number[] {
  return text.split(',').map((part) => percentFrom(part.trim()));
}

function percentFrom(text: string): number {
  const match = /^(\d+(?:\.\d{1,6})?)%$/.exec(text);
  const percent = Number(match?.[1]);
  if (match === null || percent > 100) {
    throw new ReplayArgumentError(
      `a percentage is from 0% to 100%, at most six decimals, was ${JSON.stringify(text)}`,
      { text },
    );
  }
  return percent;
}
