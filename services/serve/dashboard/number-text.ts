const MINUS = '\u2212';
const NARROW = '\u202f';

/** Fixed decimals, thousands set apart, a real minus. */
export function decimal(value: number, decimals: number): string {
  if (!Number.isFinite(value)) return '–';
  const [whole, fraction] = Math.abs(value).toFixed(decimals).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, NARROW);
  const sign = value < 0 && Number(value.toFixed(decimals)) !== 0 ? MINUS : '';
  return `${sign}${grouped}${fraction === undefined ? '' : `.${fraction}`}`;
}

export function signed(value: number, decimals: number): string {
  const text = decimal(value, decimals);
  return value > 0 && Number(value.toFixed(decimals)) !== 0 ? `+${text}` : text;
}

export function percent(share: number | null, decimals = 1): string {
  return share === null ? '–' : `${signed(share * 100, decimals)}${NARROW}%`;
}

export function plainPercent(share: number, decimals = 1): string {
  return `${decimal(share * 100, decimals)}${NARROW}%`;
}

/** As a share of the size of `from`, so that its sign is that of the change below zero, too; null from zero. */
export function relativeChange(from: number, to: number): number | null {
  const share = (to - from) / Math.abs(from);
  return Number.isFinite(share) ? share : null;
}

export function ticks(count: number): string {
  return count === 1 ? '1 tick' : `${count} ticks`;
}

/** `ageMs` in words that do not flicker. */
export function age(ageMs: number): string {
  const seconds = ageMs / 1_000;
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min`;
  return `${Math.floor(seconds / 3_600)} h`;
}

/** UTC clock time of decimal nanoseconds, to the millisecond. */
export function clockTime(eventTimeNs: string): string {
  const ms = Number(BigInt(eventTimeNs) / 1_000_000n);
  return new Date(ms).toISOString().slice(11, 23);
}

/** The fewest decimals that tell these values apart as they came, at most what eight significant digits leave. */
export function decimalsOf(values: readonly number[]): number {
  const largest = Math.max(1e-9, ...values.map(Math.abs));
  const most = Math.min(8, Math.max(0, 8 - Math.ceil(Math.log10(largest))));
  for (let decimals = 0; decimals < most; decimals += 1) {
    const isExact = (value: number) =>
      Math.abs(value - Number(value.toFixed(decimals))) < 1e-9 * largest;
    if (values.every(isExact)) return decimals;
  }
  return most;
}
