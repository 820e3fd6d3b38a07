import type { Order } from './symbol-order.ts';

/** How long an order of all symbols is good for. */
const EVERY_MS = 5_000;
/** As many as the server ranks. */
const MOST_RANKED = 100_000;

export interface RankingOptions {
  readonly headers: () => Readonly<Record<string, string>>;
  /** There is another order. */
  readonly onChange: () => void;
}

export interface RankingWish {
  readonly order: Order;
  readonly horizonTicks: number;
}

/** Figures of all symbols to sort by, where the page itself hears only of those that it shows: asked of the server now and then. */
export class Ranking {
  readonly #options: RankingOptions;
  #wish: RankingWish | null = null;
  #askedMs = Number.NEGATIVE_INFINITY;
  #figures: ReadonlyMap<string, number> | null = null;

  constructor(options: RankingOptions) {
    this.#options = options;
  }

  /** Those of the last wish, once they are there; null before, and where nothing is wished for. */
  get figures(): ReadonlyMap<string, number> | null {
    return this.#figures;
  }

  /** Called often. Null: what the page hears is enough. */
  want(wish: RankingWish | null): void {
    if (!isEqual(wish, this.#wish)) {
      this.#wish = wish;
      this.#figures = null;
      this.#askedMs = Number.NEGATIVE_INFINITY;
    }
    if (wish === null || performance.now() - this.#askedMs < EVERY_MS) return;
    this.#askedMs = performance.now();
    void this.#ask(wish);
  }

  /** Where there is no answer the last order stands: the line at the top says that the server is away. */
  async #ask(wish: RankingWish): Promise<void> {
    const { headers, onChange } = this.#options;
    const address = `/v1/ranking?by=${wish.order}&horizonTicks=${wish.horizonTicks}&limit=${MOST_RANKED}`;
    const response = await fetch(address, { headers: headers() }).catch(() => null);
    if (response === null || !response.ok) return;
    const { ranked } = (await response.json()) as {
      readonly ranked: readonly { readonly symbol: string; readonly figure: number }[];
    };
    if (!isEqual(this.#wish, wish)) return;
    this.#figures = new Map(ranked.map(({ symbol, figure }) => [symbol, figure]));
    onChange();
  }
}

function isEqual(a: RankingWish | null, b: RankingWish | null): boolean {
  return a?.order === b?.order && a?.horizonTicks === b?.horizonTicks;
}
