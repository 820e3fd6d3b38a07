/** The 21 levels of every tick forecast and of its CRPS: .025, .05, .10 ... .90, .95, .975. */
export const TICK_LEVELS: readonly number[] = [
  0.025,
  ...Array.from({ length: 19 }, (_, k) => (k + 1) / 20),
  0.975,
];

/** The nine levels of a forecast of regular series. */
export const SERIES_LEVELS: readonly number[] = [0.025, 0.1, 0.25, 0.4, 0.5, 0.6, 0.75, 0.9, 0.975];
