import type { SymbolView } from './board.ts';
import { element, fill, setText } from './element.ts';
import { decimal, percent, relativeChange } from './number-text.ts';
import { sparkline, sparklinePath } from './sparkline.ts';

export interface ListOptions {
  readonly chosen: string;
  readonly horizonTicks: number;
  readonly isStale: (symbol: string) => boolean;
}

/** The symbols as a list box: one stop of the tab key, arrows move. */
export class SymbolList {
  readonly #list: HTMLElement;
  readonly #onChoose: (symbol: string) => void;
  #names: string[] = [];
  #chosen = '';

  constructor(list: HTMLElement, onChoose: (symbol: string) => void) {
    this.#list = list;
    this.#onChoose = onChoose;
    list.addEventListener('click', (event) => {
      const row = (event.target as Element).closest('.symbol-row');
      if (row instanceof HTMLElement) onChoose(row.dataset['symbol'] ?? '');
    });
    list.addEventListener('keydown', (event) => this.#move(event));
  }

  show(views: readonly SymbolView[], { chosen, horizonTicks, isStale }: ListOptions): void {
    this.#names = views.map((view) => view.symbol);
    this.#chosen = chosen;
    fill(this.#list, views, makeRow, (row, view) => {
      updateRow(row, view, view.symbol === chosen, horizonTicks);
      row.dataset['stale'] = `${isStale(view.symbol)}`;
    });
  }

  #move(event: KeyboardEvent): void {
    const at = this.#names.indexOf(this.#chosen);
    const last = this.#names.length - 1;
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: last }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = Math.min(last, Math.max(0, to));
    // At once, not with the next frame: the next key may be faster.
    this.#chosen = this.#names[next];
    this.#onChoose(this.#chosen);
    const row = this.#list.children[next] as HTMLElement;
    row.focus();
    row.scrollIntoView({ block: 'nearest' });
  }
}

function makeRow(): HTMLElement {
  const row = element('div', 'symbol-row');
  row.setAttribute('role', 'option');
  row.append(
    element('span', 'name'),
    element('span', 'row-price number'),
    sparkline('list-spark', 120, 20),
    element('span', 'change number'),
    element('span', 'row-skill number'),
  );
  return row;
}

function updateRow(row: HTMLElement, view: SymbolView, isChosen: boolean, horizon: number): void {
  const [name, price, spark, change, skill] = row.children;
  const value = view.tick?.price ?? view.latest.originValue;
  const [first] = view.past;
  const moved = relativeChange(first.value, value);
  row.dataset['symbol'] = view.symbol;
  row.setAttribute('aria-selected', `${isChosen}`);
  row.tabIndex = isChosen ? 0 : -1;
  setText(name, view.symbol);
  sparklinePath(
    spark,
    view.past.slice(-80).map((point) => point.value),
  );
  setText(price, decimal(value, view.decimals));
  setText(change, percent(moved, 2));
  change.className = `change number ${tone(moved ?? 0)}`;
  (change as HTMLElement).title = `over the last ${view.latest.origin - first.origin} ticks`;
  const score = view.score?.horizons.find((one) => one.horizonTicks === horizon);
  const share = score?.skillEwmaGaussian ?? null;
  setText(skill, view.latest.isWarming ? 'warming' : percent(share));
  skill.className = `row-skill number ${tone(share ?? 0)}`;
}

export function tone(value: number): string {
  if (value > 0) return 'up';
  return value < 0 ? 'down' : '';
}
