/** By TradingView's names, from short to long: an object would put those that are numbers first. */
export const RESOLUTION_SECONDS: ReadonlyMap<string, number> = new Map([
  ['1S', 1],
  ['5S', 5],
  ['15S', 15],
  ['1', 60],
  ['5', 300],
  ['15', 900],
  ['60', 3_600],
  ['1D', 86_400],
]);

/** Undefined for a name that is none of them; `D` is short for `1D`. */
export function secondsOfResolution(name: string): number | undefined {
  return RESOLUTION_SECONDS.get(name === 'D' ? '1D' : name);
}

/** Parallel arrays: start of the bar in seconds, open, high, low, close. */
export interface Bars {
  readonly t: number[];
  readonly o: number[];
  readonly h: number[];
  readonly l: number[];
  readonly c: number[];
}

export interface BarsOptions {
  readonly seconds: number;
  /** Seconds since 1970, of where bars begin; `to` is exclusive. */
  readonly from: number;
  readonly to: number;
  /** Wanted before `to`, if more than lie after `from`; 0: no matter. */
  readonly countback: number;
}

/** Of `[seconds, value]` in order of time. */
export function barsOf(points: readonly [number, number][], options: BarsOptions): Bars {
  const bars: Bars = { t: [], o: [], h: [], l: [], c: [] };
  for (const [time, value] of points) {
    const start = Math.floor(time / options.seconds) * options.seconds;
    if (start >= options.to) break;
    const last = bars.t.length - 1;
    if (bars.t[last] === start) {
      bars.h[last] = Math.max(bars.h[last], value);
      bars.l[last] = Math.min(bars.l[last], value);
      bars.c[last] = value;
    } else {
      bars.t.push(start);
      for (const side of [bars.o, bars.h, bars.l, bars.c]) side.push(value);
    }
  }
  const wanted = bars.t.findIndex((start) => start >= options.from);
  const within = wanted < 0 ? 0 : bars.t.length - wanted;
  const count = Math.max(within, options.countback);
  const cut = (side: number[]) => (count === 0 ? [] : side.slice(-count));
  return { t: cut(bars.t), o: cut(bars.o), h: cut(bars.h), l: cut(bars.l), c: cut(bars.c) };
}
