import type { WireHorizonScore, WireScore } from '#shared/wire/message.ts';
import { element, fill, setText } from './element.ts';
import { plainPercent, ticks } from './number-text.ts';
import { shown } from './shown-horizons.ts';

const NOMINAL = [0.5, 0.8, 0.95];
/** Half the width of a gauge, as a difference of shares. */
const GAUGE_REACH = 0.1;

/** Realised against nominal coverage, and the PIT of one horizon: flat bars mean calibrated. */
export function showCoverage(
  panel: HTMLElement,
  score: WireScore | null,
  horizonTicks: number,
): void {
  if (score === null) {
    if (panel.children.length !== 1) panel.replaceChildren(element('p', 'empty', 'No scores yet.'));
    return;
  }
  if (panel.children.length !== 3) panel.replaceChildren(table(), element('p', 'pit-title'), pit());
  const [head, title, bars] = panel.children;
  fill(head.querySelector('tbody') as Element, shown(score.horizons), makeRow, updateRow);
  const chosen = score.horizons.find((one) => one.horizonTicks === horizonTicks);
  if (chosen === undefined) return;
  setText(
    title,
    `Where outcomes fell in the forecast, ${ticks(horizonTicks)} ahead (PIT; flat is calibrated)`,
  );
  updatePit(bars, chosen.pit);
}

function table(): HTMLElement {
  const made = element('table', 'coverage-table');
  const head = element('tr');
  head.append(element('th', '', 'in'));
  for (const share of NOMINAL) head.append(element('th', 'number', plainPercent(share, 0)));
  const top = element('thead');
  top.append(head);
  made.append(top, element('tbody'));
  return made;
}

function makeRow(): HTMLElement {
  const row = element('tr');
  row.append(element('th', 'horizon-name'));
  for (const _ of NOMINAL) {
    const cell = element('td', 'number');
    const gauge = element('span', 'gauge');
    gauge.append(element('i'));
    cell.append(element('span', 'realised'), gauge);
    row.append(cell);
  }
  return row;
}

function updateRow(row: HTMLElement, score: WireHorizonScore): void {
  const [name, ...cells] = row.children;
  setText(name, ticks(score.horizonTicks));
  cells.forEach((cell, k) => {
    const realised = score.coverage[k];
    setText(cell.children[0], plainPercent(realised));
    const off = Math.max(-1, Math.min(1, (realised - NOMINAL[k]) / GAUGE_REACH));
    const mark = cell.children[1].firstElementChild as HTMLElement;
    mark.style.setProperty('left', `${50 + 50 * off}%`);
    mark.className = Math.abs(off) > 0.5 ? 'off' : '';
    (cell as HTMLElement).title = `nominal ${plainPercent(NOMINAL[k], 0)}; the middle of the gauge`;
  });
}

function pit(): HTMLElement {
  const bars = element('div', 'pit');
  bars.setAttribute('role', 'img');
  bars.setAttribute('aria-label', 'Histogram of the randomised PIT');
  return bars;
}

function updatePit(bars: Element, shares: readonly number[]): void {
  const largest = Math.max(2 / shares.length, ...shares);
  fill(
    bars,
    shares,
    () => element('i'),
    (bar, share) => bar.style.setProperty('height', `${((100 * share) / largest).toFixed(1)}%`),
  );
  (bars as HTMLElement).style.setProperty('--level', `${100 / shares.length / largest}%`);
}
