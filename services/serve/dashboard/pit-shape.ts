/** Difference of shares from which a shape is named. */
const NOTABLE = 0.04;

/** What the histogram's shape says, in words. */
export function verdictOf(pit: readonly number[]): string {
  const half = pit.length / 2;
  const below = shareOf(pit.slice(0, half));
  const middle = shareOf(pit.slice(half / 2, half + half / 2));
  if (Math.abs(below - 0.5) > NOTABLE) {
    return below > 0.5 ? 'forecasts were too high' : 'forecasts were too low';
  }
  if (Math.abs(middle - 0.5) > NOTABLE) {
    return middle > 0.5 ? 'intervals were too wide' : 'intervals were too narrow';
  }
  return 'close to calibrated';
}

export function shareOf(shares: readonly number[]): number {
  return shares.reduce((total, share) => total + share, 0);
}
