import type { WireScore } from '#shared/wire/message.ts';
import { byId, element, fill, setText } from './element.ts';
import { decimal, plainPercent, ticks } from './number-text.ts';
import { shareOf, verdictOf } from './pit-shape.ts';

/** Where outcomes fell in the forecast distribution (PIT): flat bars mean calibrated, a hollow or a hump too wide or too narrow. */
export function showCalibration(score: WireScore | null, horizonTicks: number): void {
  const chosen = score?.horizons.find((one) => one.horizonTicks === horizonTicks);
  byId('pit-figures').hidden = chosen === undefined;
  byId('pit-empty').hidden = chosen !== undefined;
  if (chosen === undefined) return;
  const { pit, count } = chosen;
  setText(byId('pit-about'), `${ticks(horizonTicks)}, ${decimal(count, 0)} scored`);
  setText(byId('pit-verdict'), verdictOf(pit));
  const bars = byId('pit');
  const largest = Math.max(2 / pit.length, ...pit);
  fill(
    bars,
    pit,
    () => element('i'),
    (bar, share, k) => {
      bar.style.setProperty('height', `${((100 * share) / largest).toFixed(1)}%`);
      const [from, to] = [k / pit.length, (k + 1) / pit.length];
      bar.title = `${plainPercent(from, 0)} to ${plainPercent(to, 0)}: ${plainPercent(share)}`;
    },
  );
  bars.style.setProperty('--level', `${100 / pit.length / largest}%`);
  const middle = plainPercent(shareOf(pit.slice(pit.length / 4, (3 * pit.length) / 4)), 0);
  bars.setAttribute('aria-label', `Histogram of the PIT: ${middle} of outcomes in the middle half`);
}
