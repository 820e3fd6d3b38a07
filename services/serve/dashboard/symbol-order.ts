import { newestValue, type SymbolView } from './board.ts';

/** What the list is sorted by; all but `name` from large to small. */
export const ORDERS = ['name', 'change', 'forecast', 'skill'] as const;
export type Order = (typeof ORDERS)[number];

export interface OrderWish {
  /** Words that must all be in the name, in any order and case. */
  readonly query: string;
  readonly order: Order;
  readonly horizonTicks: number;
  /** Of all symbols at one moment; null: what the page has heard of each. */
  readonly ranking: ReadonlyMap<string, number> | null;
}

/** The symbols that match, in order. Symbols of which the figure is not known come last, by name. */
export function inOrder(views: Iterable<SymbolView>, wish: OrderWish): SymbolView[] {
  const words = wish.query.toLowerCase().split(/\s+/).filter(Boolean);
  const found: SymbolView[] = [];
  for (const view of views) {
    const name = words.length === 0 ? '' : view.symbol.toLowerCase();
    if (words.every((word) => name.includes(word))) found.push(view);
  }
  found.sort((a, b) => (a.symbol < b.symbol ? -1 : 1));
  if (wish.order === 'name') return found;
  const figures = new Map(found.map((view) => [view, figureOf(view, wish)]));
  const rank = (view: SymbolView) => figures.get(view) ?? Number.NEGATIVE_INFINITY;
  // Sorting is stable: equal figures stay in the order of their names.
  return found.sort((a, b) => (rank(a) === rank(b) ? 0 : rank(b) - rank(a)));
}

/** Relative move since the page knows the symbol. */
export function changeOf(view: SymbolView): number | null {
  return relative(newestValue(view), view.firstPrice);
}

/** Relative move that the point forecast says. */
export function forecastMoveOf({ outlook }: SymbolView, horizonTicks: number): number | null {
  const horizon = outlook?.latest.horizons.find((one) => one.horizonTicks === horizonTicks);
  return relative(horizon?.point ?? null, outlook?.latest.originValue ?? null);
}

export function skillOf({ score }: SymbolView, horizonTicks: number): number | null {
  const horizon = score?.horizons.find((one) => one.horizonTicks === horizonTicks);
  return horizon?.skillEwmaGaussian ?? null;
}

function figureOf(view: SymbolView, { order, horizonTicks, ranking }: OrderWish): number | null {
  if (ranking !== null) return ranking.get(view.symbol) ?? null;
  if (order === 'change') return changeOf(view);
  return order === 'forecast' ? forecastMoveOf(view, horizonTicks) : skillOf(view, horizonTicks);
}

/** Null where a share of the value says nothing: around zero and below. */
function relative(to: number | null, from: number | null): number | null {
  return to === null || from === null || from <= 0 || to <= 0 ? null : to / from - 1;
}
