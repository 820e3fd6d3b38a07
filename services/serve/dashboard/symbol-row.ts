import { decimalsOfView, isPrice, newestValue, type SymbolView } from './board.ts';
import { element, setText } from './element.ts';
import { flash } from './flash.ts';
import { decimal, percent, signed, tone } from './number-text.ts';
import { sparkline, sparklinePath } from './sparkline.ts';
import { changeOf, forecastMoveOf, type Order, skillOf } from './symbol-order.ts';

export interface RowLook {
  readonly order: Order;
  readonly horizonTicks: number;
  readonly isChosen: boolean;
  readonly isStale: boolean;
  readonly index: number;
  readonly count: number;
}

/** One symbol of the list: name and price; below, how skill went, the move that is forecast (or was made), and the skill. */
export function makeSymbolRow(): HTMLElement {
  const row = element('div', 'symbol-row');
  row.setAttribute('role', 'option');
  row.append(
    element('span', 'name'),
    element('span', 'row-price number'),
    sparkline('list-spark', 120, 18),
    element('span', 'row-move number'),
    element('span', 'row-skill number'),
  );
  return row;
}

export function updateSymbolRow(row: HTMLElement, view: SymbolView, look: RowLook): void {
  const [name, price, spark, move, skill] = row.children;
  const { index, count, isChosen, isStale, horizonTicks } = look;
  row.id = `symbol-${index}`;
  setAttribute(row, 'aria-selected', `${isChosen}`);
  setAttribute(row, 'aria-posinset', `${index + 1}`);
  setAttribute(row, 'aria-setsize', `${count}`);
  row.dataset['symbol'] = view.symbol;
  row.dataset['stale'] = `${isStale}`;
  setText(name, view.symbol);
  (name as HTMLElement).title = view.symbol;
  const value = newestValue(view);
  setText(price, value === null ? '–' : decimal(value, decimalsOfView(view)));
  flash(price, view.symbol, value);
  showMove(move, view, look);
  const isWarming = view.outlook?.latest.isWarming === true;
  const share = isWarming ? 'warming' : percent(skillOf(view, horizonTicks));
  setText(skill, share);
  skill.className = `row-skill number ${tone(share)}`;
  const score = view.score?.horizons.find((one) => one.horizonTicks === horizonTicks);
  sparklinePath(spark, score?.trail ?? [], 0);
}

function showMove(cell: Element, view: SymbolView, { order, horizonTicks }: RowLook): void {
  const known = order === 'change' ? changeOf(view) : forecastMoveOf(view, horizonTicks);
  const share = isPrice(view) ? known : null;
  const units = share === null ? unitsMove(view, order, horizonTicks) : null;
  // A forecast of some ticks ahead is a matter of hundredths of a percent.
  const decimals = order === 'change' ? 2 : 3;
  const text = units === null ? percent(share, decimals) : signed(units, decimalsOfView(view));
  setText(cell, text);
  cell.className = `row-move number ${tone(text)}`;
}

/** Where a share of the value says nothing. */
function unitsMove(view: SymbolView, order: Order, horizonTicks: number): number | null {
  const value = newestValue(view);
  if (order === 'change') {
    return value === null || view.firstPrice === null ? null : value - view.firstPrice;
  }
  const latest = view.outlook?.latest;
  const horizon = latest?.horizons.find((one) => one.horizonTicks === horizonTicks);
  return latest === undefined || horizon === undefined ? null : horizon.point - latest.originValue;
}

function setAttribute(row: HTMLElement, name: string, value: string): void {
  if (row.getAttribute(name) !== value) row.setAttribute(name, value);
}
