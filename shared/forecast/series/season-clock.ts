import { cos, sin } from '#shared/numeric/elementary.ts';

/** Seasons that a "week" has, over which slow statistics and the second seasonal lag reach, too. */
export const WEEK = 7;

/** Two harmonics of the season and one of seven seasons, by count: a regular series is its own clock. */
export function putClock(count: number, seasonTicks: number, put: (input: number) => void): void {
  const phase = (2 * Math.PI * (count % seasonTicks)) / seasonTicks;
  const week = (2 * Math.PI * (count % (WEEK * seasonTicks))) / (WEEK * seasonTicks);
  for (const angle of [phase, 2 * phase, week]) {
    put(sin(angle));
    put(cos(angle));
  }
}
