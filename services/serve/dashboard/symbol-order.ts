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

/** The symbols that match, in order. Those with the same figure stay as they come, by name, and after all others those without. */
export function inOrder(byName: readonly SymbolView[], wish: OrderWish): readonly SymbolView[] {
  const found = matching(byName, wish.query);
  if (wish.order === 'name') return found;
  // Figures beside the symbols: to look one up takes longer than to compare two, and each is compared a dozen times.
  const figured = found.map((view) => ({
    view,
    figure: figureOf(view, wish) ?? Number.NEGATIVE_INFINITY,
  }));
  figured.sort((a, b) => (a.figure === b.figure ? 0 : b.figure - a.figure));
  return figured.map(({ view }) => view);
}

function matching(byName: readonly SymbolView[], query: string): readonly SymbolView[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return byName;
  return byName.filter(({ symbol }) => {
    const name = symbol.toLowerCase();
    return words.every((word) => name.includes(word));
  });
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
