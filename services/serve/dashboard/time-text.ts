/** Whose clock the page shows. */
export type Zone = 'local' | 'UTC';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const formats = new Map<string, Intl.DateTimeFormat>();

const TIME = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
const SECONDS = { ...TIME, second: '2-digit' } as const;
const DAY = { day: 'numeric', month: 'short' } as const;

/** A moment of decimal nanoseconds, as exact as ticks `gapMs` apart deserve. */
export function momentText(eventTimeNs: string, zone: Zone, gapMs: number): string {
  const exact = gapMs < 1_000 ? ({ ...SECONDS, fractionalSecondDigits: 3 } as const) : SECONDS;
  return written(eventTimeNs, zone, gapMs < MINUTE_MS ? exact : { ...DAY, ...TIME });
}

/** A moment that may lie days back. */
export function dayText(eventTimeNs: string, zone: Zone): string {
  return written(eventTimeNs, zone, { ...DAY, ...TIME });
}

/** A moment on an axis that spans so many milliseconds. */
export function axisTime(eventTimeNs: string, zone: Zone, spanMs: number): string {
  if (spanMs < 20 * MINUTE_MS) return written(eventTimeNs, zone, SECONDS);
  return written(eventTimeNs, zone, spanMs < 1.5 * DAY_MS ? TIME : { ...DAY, ...TIME });
}

/** What a reader calls the zone: `UTC`, `CET`, `GMT+5:30`. */
export function zoneName(zone: Zone): string {
  if (zone === 'UTC') return 'UTC';
  localName ??= localZoneName();
  return localName;
}

let localName: string | null = null;

function localZoneName(): string {
  const parts = new Intl.DateTimeFormat(undefined, { timeZoneName: 'short' }).formatToParts();
  return parts.find(({ type }) => type === 'timeZoneName')?.value ?? 'local';
}

export function msOf(eventTimeNs: string): number {
  // Faster than BigInt, and exact enough for a millisecond: the last six digits are not read.
  return Number(eventTimeNs.slice(0, -6) || '0');
}

function written(eventTimeNs: string, zone: Zone, options: Intl.DateTimeFormatOptions): string {
  const key = `${zone} ${Object.keys(options).join()}`;
  const format =
    formats.get(key) ??
    new Intl.DateTimeFormat(undefined, {
      ...options,
      ...(zone === 'UTC' ? { timeZone: 'UTC' } : {}),
    });
  formats.set(key, format);
  return format.format(msOf(eventTimeNs));
}
