import type { WireHorizon } from '#shared/wire/message.ts';
import { element, fill, setText } from './element.ts';
import { decimal, percent, signed, ticks, tone } from './number-text.ts';
import type { Outlook } from './outlook.ts';

const LOWER = [0.25, 0.1, 0.025];

/** The newest forecast as numbers: point and intervals of every horizon, in the units of the value. */
export function showForecast(
  rows: HTMLElement,
  { latest, decimals }: Outlook,
  { levels, horizonTicks }: { readonly levels: readonly number[]; readonly horizonTicks: number },
): void {
  const origin = latest.originValue;
  // Of a temperature a share says nothing.
  const isShare = latest.measure === 'price';
  fill(rows, latest.horizons, makeRow, (row, horizon) => {
    const [name, point, move, ...intervals] = row.children;
    const moved = horizon.point - origin;
    row.dataset['chosen'] = `${horizon.horizonTicks === horizonTicks}`;
    setText(name, ticks(horizon.horizonTicks));
    setText(point, decimal(horizon.point, decimals + 1));
    const moves = isShare ? percent(moved / origin, 3) : signed(moved, decimals + 1);
    setText(move, moves);
    move.className = `number ${tone(moves)}`;
    for (const [k, cell] of intervals.entries()) {
      setText(cell, interval(horizon, levels, LOWER[k], decimals));
    }
  });
}

function makeRow(): HTMLElement {
  const row = element('tr');
  row.append(element('th', 'horizon-name'));
  row.firstElementChild?.setAttribute('scope', 'row');
  for (let k = 0; k < 5; k += 1) row.append(element('td', 'number'));
  return row;
}

function interval(
  { quantiles }: WireHorizon,
  levels: readonly number[],
  lower: number,
  decimals: number,
): string {
  const low = levels.findIndex((level) => Math.abs(level - lower) < 1e-6);
  const high = levels.findIndex((level) => Math.abs(level - (1 - lower)) < 1e-6);
  if (low < 0 || high < 0) return '–';
  return `${decimal(quantiles[low], decimals)} – ${decimal(quantiles[high], decimals)}`;
}
