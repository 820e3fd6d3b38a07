const MOST_SHOWN = 8;

/** Of many horizons, a few that a page has room for: evenly on a scale of ratios, the first and the last among them. */
export function shownHorizons(horizons: readonly number[]): readonly number[] {
  if (horizons.length <= MOST_SHOWN) return horizons;
  const [first] = horizons;
  const last = horizons[horizons.length - 1];
  const wanted = Array.from(
    { length: MOST_SHOWN },
    (_, k) => first * (last / first) ** (k / (MOST_SHOWN - 1)),
  );
  const nearest = wanted.map((one) =>
    horizons.reduce((best, horizon) =>
      Math.abs(horizon - one) < Math.abs(best - one) ? horizon : best,
    ),
  );
  return [...new Set(nearest)];
}

/** Those of a forecast, or of a score, that are shown. */
export function shown<T extends { readonly horizonTicks: number }>(
  all: readonly T[],
): readonly T[] {
  const chosen = new Set(shownHorizons(all.map(({ horizonTicks }) => horizonTicks)));
  return all.filter(({ horizonTicks }) => chosen.has(horizonTicks));
}
