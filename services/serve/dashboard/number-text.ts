const MINUS = '\u2212';
/** Beyond this a number's decimals say nothing that a float64 holds. */
const MOST_DIGITS = 8;

let locale: string | undefined;
const formats = new Map<string, Intl.NumberFormat>();

/** Which language writes the numbers; undefined: the browser's. */
export function useLocale(tag: string | undefined): void {
  locale = tag;
  formats.clear();
}

/** Fixed decimals, set apart as the locale does it, with a real minus. */
export function decimal(value: number, decimals: number): string {
  return written(value, decimals, { signDisplay: 'negative' });
}

export function signed(value: number, decimals: number): string {
  return written(value, decimals, { signDisplay: 'exceptZero' });
}

export function percent(share: number | null, decimals = 1): string {
  if (share === null) return '–';
  return written(share, decimals, { style: 'percent', signDisplay: 'exceptZero' });
}

export function plainPercent(share: number, decimals = 1): string {
  return written(share, decimals, { style: 'percent', signDisplay: 'negative' });
}

export function ticks(count: number): string {
  return `${decimal(count, 0)} ${count === 1 ? 'tick' : 'ticks'}`;
}

/** Of a text with a sign: by what is read, so that a rounded zero has no colour. */
export function tone(text: string): string {
  if (text.startsWith('+')) return 'up';
  return text.startsWith(MINUS) ? 'down' : '';
}

/** `ageMs` in words that do not flicker. */
export function age(ageMs: number): string {
  const seconds = ageMs / 1_000;
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min`;
  return `${Math.floor(seconds / 3_600)} h`;
}

/** The fewest decimals that tell these values apart as they came, at most what eight significant digits leave. */
export function decimalsOf(values: readonly number[]): number {
  const largest = Math.max(1e-9, ...values.map(Math.abs));
  const most = Math.min(8, Math.max(0, MOST_DIGITS - Math.ceil(Math.log10(largest))));
  for (let decimals = 0; decimals < most; decimals += 1) {
    if (values.every((value) => isWritten(value, decimals, largest))) return decimals;
  }
  return most;
}

/** Values that came through float32, as files often have them, are taken for the decimal number that they stand for. */
function isWritten(value: number, decimals: number, largest: number): boolean {
  const text = Number(value.toFixed(decimals));
  if (Math.abs(value - text) < 1e-9 * largest) return true;
  const float = Math.fround(value);
  return Math.abs(float - value) < 1e-12 * largest && Math.fround(text) === float;
}

function written(value: number, decimals: number, options: Intl.NumberFormatOptions): string {
  if (!Number.isFinite(value)) return '–';
  const key = `${decimals} ${options.style} ${options.signDisplay}`;
  const format =
    formats.get(key) ??
    new Intl.NumberFormat(locale, {
      ...options,
      minimumFractionDigits: decimals,
      maximumFractionDigits: decimals,
    });
  formats.set(key, format);
  return format.format(value).replace('-', MINUS);
}
