import { InvalidTickError } from './invalid-tick.ts';
import type { TimeFormat } from './raw-tick.ts';

const MS_NS = 1_000_000n;
const SECOND_NS = 1_000_000_000n;
const MINUTE_NS = 60n * SECOND_NS;
const INT64_MAX = 2n ** 63n - 1n;
const WHOLE = /^-?\d{1,20}$/;
const MILLISECONDS = /^(-?\d{1,15})(?:\.(\d{1,6}))?$/;
const DATE =
  /^(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?)? ?(Z|[+-]\d\d:?\d\d)?$/;
const DAYS_IN_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * Nanoseconds since 1970 UTC. `ns` takes whole numbers and bigints; `ms` may have a fraction; `date` is `YYYY-MM-DD`, with
 * ` HH:MM[:SS[.fraction]]` and a zone or not (missing: UTC); an interval counts steps from 0.
 *
 * @throws InvalidTickError `TICK_INVALID`
 */
export function eventTimeFrom(raw: unknown, format: TimeFormat): bigint {
  const timeNs = unboundedFrom(raw, format);
  if (timeNs > INT64_MAX || timeNs < -INT64_MAX) {
    throw new InvalidTickError('TIME_OUT_OF_RANGE', 'time must lie within 1677 and 2262', raw);
  }
  return timeNs;
}

function unboundedFrom(raw: unknown, format: TimeFormat): bigint {
  if (format === 'ns') return wholeFrom(raw, 'time must be whole nanoseconds');
  if (format === 'ms') return millisecondsFrom(raw);
  if (format === 'date') return dateFrom(raw);
  return wholeFrom(raw, 'time must be a whole number of steps') * format.intervalNs;
}

function wholeFrom(raw: unknown, expected: string): bigint {
  if (typeof raw === 'bigint') return raw;
  const isWhole = typeof raw === 'number' ? Number.isSafeInteger(raw) : isTextOf(raw, WHOLE);
  if (!isWhole) throw unreadable(expected, raw);
  return BigInt(raw as string | number);
}

function millisecondsFrom(raw: unknown): bigint {
  const text = typeof raw === 'number' || typeof raw === 'bigint' ? String(raw) : raw;
  const found = typeof text === 'string' ? MILLISECONDS.exec(text) : null;
  if (found === null) throw unreadable('time must be milliseconds since 1970', raw);
  const fraction = BigInt((found[2] ?? '').padEnd(6, '0'));
  return BigInt(found[1]) * MS_NS + (found[1].startsWith('-') ? -fraction : fraction);
}

function dateFrom(raw: unknown): bigint {
  const expected = 'time must be YYYY-MM-DD HH:MM:SS, UTC unless a zone is given';
  const found = typeof raw === 'string' ? DATE.exec(raw) : null;
  if (found === null) throw unreadable(expected, raw);
  const [year, month, day, hour, minute, second] = found
    .slice(1, 7)
    .map((part) => Number(part ?? 0));
  const isOnTheClock = hour < 24 && minute < 60 && second < 60;
  if (!isOnTheClock || day < 1 || day > daysInMonth(year, month)) throw unreadable(expected, raw);
  const seconds = (daysSince1970(year, month, day) * 24 + hour) * 3600 + minute * 60 + second;
  const fraction = BigInt((found[7] ?? '').padEnd(9, '0'));
  return BigInt(seconds) * SECOND_NS + fraction - zoneNs(found[8], raw);
}

/** Nanoseconds that the zone is ahead of UTC. */
function zoneNs(zone: string | undefined, raw: unknown): bigint {
  if (zone === undefined || zone === 'Z') return 0n;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(-2));
  if (hours > 18 || minutes > 59) throw unreadable('the zone must be at most 18 hours', raw);
  const aheadNs = BigInt(hours * 60 + minutes) * MINUTE_NS;
  return zone.startsWith('-') ? -aheadNs : aheadNs;
}

/** 0 for a month that does not exist, so that no day is in it. */
function daysInMonth(year: number, month: number): number {
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return month === 2 && isLeap ? 29 : (DAYS_IN_MONTH[month - 1] ?? 0);
}

/** Days from 1970-01-01 in the proleptic Gregorian calendar (Hinnant 2013, days_from_civil). Pure code has no `Date`. */
function daysSince1970(year: number, month: number, day: number): number {
  const shifted = month > 2 ? year : year - 1;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const leapDays = Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100);
  return era * 146097 + yearOfEra * 365 + leapDays + dayOfYear - 719468;
}

function isTextOf(raw: unknown, pattern: RegExp): boolean {
  return typeof raw === 'string' && pattern.test(raw);
}

function unreadable(expected: string, raw: unknown): InvalidTickError {
  return new InvalidTickError('TIME_UNREADABLE', expected, raw);
}
