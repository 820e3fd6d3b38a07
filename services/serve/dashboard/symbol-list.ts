import type { Board, SymbolView } from './board.ts';
import { byId, setText } from './element.ts';
import { decimal } from './number-text.ts';
import type { Ranking } from './ranking.ts';
import { inOrder, type Order, type OrderWish } from './symbol-order.ts';
import { makeSymbolRow, updateSymbolRow } from './symbol-row.ts';
import { VirtualRows } from './virtual-rows.ts';

/** Figures move ten times a second; rows that jump as often cannot be read. */
const SORT_MS = 2_000;
/** With more the list goes down the page instead of ending with the chart. */
const ROWS_BESIDE_CHART = 8;

export interface SymbolListOptions {
  readonly board: Board;
  readonly ranking: Ranking;
  readonly onChoose: (symbol: string) => void;
  /** Other symbols have come into view. */
  readonly onView: () => void;
}

/** The symbols as a list box: one stop of the tab key, arrows move; a filter and an order above it. */
export class SymbolList {
  readonly #options: SymbolListOptions;
  readonly #list = byId('symbols');
  readonly #filter = byId('filter') as HTMLInputElement;
  readonly #order = byId('order') as HTMLSelectElement;
  readonly #rows: VirtualRows<SymbolView>;
  #views: readonly SymbolView[] = [];
  #wish: OrderWish = { query: '', order: 'name', horizonTicks: 0, ranking: null };
  #sorted = { version: -1, atMs: Number.NEGATIVE_INFINITY, wish: this.#wish };
  #sortCount = 0;

  constructor(options: SymbolListOptions) {
    this.#options = options;
    this.#rows = new VirtualRows(this.#list, {
      make: makeSymbolRow,
      update: (row, view, index) => this.#update(row, view, index),
      onView: options.onView,
    });
    this.#list.addEventListener('click', (event) => {
      const row = (event.target as Element).closest('.symbol-row');
      if (row instanceof HTMLElement) this.#choose(Number(row.dataset['index']));
    });
    this.#list.addEventListener('keydown', (event) => this.#keyInList(event));
    this.#filter.addEventListener('keydown', (event) => this.#keyInFilter(event));
    this.#filter.addEventListener('input', () => {
      this.#list.scrollTop = 0;
      this.show(this.#wish.horizonTicks);
    });
    this.#order.addEventListener('change', () => this.show(this.#wish.horizonTicks));
  }

  show(horizonTicks: number): void {
    const { board, ranking } = this.#options;
    const order = this.#order.value as Order;
    const isRanked = board.hearsSome && (order === 'forecast' || order === 'skill');
    ranking.want(isRanked && horizonTicks > 0 ? { order, horizonTicks } : null);
    const { figures } = ranking;
    this.#wish = { query: this.#filter.value, order, horizonTicks, ranking: figures };
    if (this.#isDue()) this.#sort();
    byId('main').dataset['long'] = `${board.symbols.size > ROWS_BESIDE_CHART}`;
    this.#rows.show(this.#views);
    this.#showActive();
    byId('no-symbols').hidden = this.#views.length > 0;
    const isFiltered = this.#wish.query.trim() !== '';
    const none = isFiltered ? 'No symbol matches the filter.' : 'Waiting for the first forecast.';
    setText(byId('no-symbols'), none);
    const [found, all] = [this.#views.length, board.symbols.size].map((n) => decimal(n, 0));
    setText(byId('found'), isFiltered ? `${found} of ${all}` : `${all} symbols`);
    const ahead = horizonTicks === 0 ? '' : ` +${horizonTicks}`;
    setText(byId('move-head'), order === 'change' ? 'change' : `forecast${ahead}`);
    setText(byId('skill-head'), `skill${ahead}`);
  }

  inView(): readonly string[] {
    return this.#rows.inView().map(({ symbol }) => symbol);
  }

  focusFilter(): void {
    this.#filter.focus();
    this.#filter.select();
  }

  #isDue(): boolean {
    const { board } = this.#options;
    const { version, atMs, wish } = this.#sorted;
    if (board.listVersion !== version) return true;
    const { query, order, horizonTicks, ranking } = this.#wish;
    if (query !== wish.query || order !== wish.order) return true;
    // The order that was wished for has come.
    if (ranking !== null && wish.ranking === null) return true;
    // Under the pointer nothing moves away.
    if (order === 'name' || this.#list.matches(':hover')) return false;
    if (horizonTicks !== wish.horizonTicks || ranking !== wish.ranking) return true;
    return performance.now() - atMs > SORT_MS;
  }

  #sort(): void {
    const { board } = this.#options;
    this.#views = inOrder(board.byName, this.#wish);
    this.#sorted = { version: board.listVersion, atMs: performance.now(), wish: this.#wish };
    this.#sortCount += 1;
    this.#list.dataset['sorts'] = `${this.#sortCount}`;
  }

  #update(row: HTMLElement, view: SymbolView, index: number): void {
    const { board } = this.#options;
    const { order, horizonTicks } = this.#wish;
    updateSymbolRow(row, view, {
      ...{ order, horizonTicks, index },
      count: this.#views.length,
      isChosen: view.symbol === board.chosen,
      isStale: board.isStale(view.symbol),
    });
  }

  #keyInList(event: KeyboardEvent): void {
    if (this.#move(event)) return;
    const isText = event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey;
    // The key itself then lands in the field.
    if (isText && event.key !== ' ' && event.key !== '/') this.focusFilter();
  }

  #keyInFilter(event: KeyboardEvent): void {
    if (event.key === 'Escape') {
      if (this.#filter.value === '') this.#list.focus();
      this.#filter.value = '';
      this.show(this.#wish.horizonTicks);
    } else if (event.key === 'Enter') {
      if (!this.#isChosenInView() && this.#views.length > 0) this.#choose(0);
      this.#list.focus();
    } else if (event.key !== 'Home' && event.key !== 'End') {
      this.#move(event);
    }
  }

  #isChosenInView(): boolean {
    return this.#views.some(({ symbol }) => symbol === this.#options.board.chosen);
  }

  /** @returns whether the key was one that moves */
  #move(event: KeyboardEvent): boolean {
    const at = this.#views.findIndex(({ symbol }) => symbol === this.#options.board.chosen);
    const last = this.#views.length - 1;
    const page = this.#rows.pageRows;
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page };
    const step = steps[event.key as keyof typeof steps];
    const to = { Home: 0, End: last }[event.key] ?? (step === undefined ? undefined : at + step);
    if (to === undefined || last < 0) return false;
    event.preventDefault();
    this.#choose(Math.min(last, Math.max(0, to)));
    return true;
  }

  /** At once, not with the next frame: the next key may be faster. */
  #choose(index: number): void {
    const view = this.#views[index];
    if (view === undefined) return;
    this.#options.onChoose(view.symbol);
    this.#rows.reveal(index);
    this.#showActive();
  }

  #showActive(): void {
    const row = this.#rows.rowOf(({ symbol }) => symbol === this.#options.board.chosen);
    if (row === null) this.#list.removeAttribute('aria-activedescendant');
    else this.#list.setAttribute('aria-activedescendant', row.id);
  }
}
