import type { WireHorizon } from '#shared/wire/message.ts';
import type { SymbolView } from './board.ts';
import { element, fill, setText } from './element.ts';
import { decimal, percent, relativeChange, ticks } from './number-text.ts';
import { shown } from './shown-horizons.ts';
import { tone } from './symbol-list.ts';

const LOWER = [0.25, 0.1, 0.025];

/** The newest forecast as numbers: point and intervals of every horizon, in the units of the price or value. */
export function showForecast(
  rows: HTMLElement,
  { latest, decimals }: SymbolView,
  levels: readonly number[],
): void {
  const makeRow = () => {
    const row = element('tr');
    row.append(element('th', 'horizon-name'));
    for (let k = 0; k < 5; k += 1) row.append(element('td', 'number'));
    return row;
  };
  fill(rows, shown(latest.horizons), makeRow, (row, horizon) => {
    const [name, point, move, ...intervals] = row.children;
    const moved = relativeChange(latest.originValue, horizon.point);
    setText(name, ticks(horizon.horizonTicks));
    setText(point, decimal(horizon.point, decimals + 1));
    setText(move, percent(moved, 3));
    move.className = `number ${tone(moved ?? 0)}`;
    for (const [k, cell] of intervals.entries()) {
      setText(cell, interval(horizon, levels, LOWER[k], decimals));
    }
  });
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
