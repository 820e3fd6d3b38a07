import { CorruptBytesError } from '#shared/errors.ts';
import { decodeVersionedJson, encodeVersionedJson } from '#shared/numeric/versioned-json.ts';
import type { ModelEvent } from './model-event.ts';

/** Version 1 said nothing of skipped updates, gradient reach and forgetting; such records are still read. */
const VERSION = 2;
const VERSION_WITHOUT_REACH = 1;
const WHAT = 'a model event';

interface Fields extends Readonly<Record<string, unknown>> {
  readonly event?: unknown;
}
type Check = (value: unknown) => boolean;

const isWhole: Check = (value) => Number.isSafeInteger(value);
const isText: Check = (value) => typeof value === 'string';
const isDecimal: Check = (value) => typeof value === 'string' && /^-?\d{1,20}$/.test(value);
const isSha: Check = (value) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
const isNumberOrUnknown: Check = (value) => value === null || typeof value === 'number';
const isRanges: Check = (value) =>
  Array.isArray(value) &&
  value.every((range) => matches(range, { partition: isWhole, from: isDecimal, to: isDecimal }));
const isReach: Check = (value) =>
  Array.isArray(value) &&
  value.every((one) => matches(one, { lagTicks: isWhole, ratio: isNumberOrUnknown }));
const isForgetting: Check = (value) =>
  value === null || matches(value, { median: isNumberOrUnknown, largest: isNumberOrUnknown });
const isReport: Check = (value) =>
  matches(value, {
    updates: isWhole,
    lossBefore: isNumberOrUnknown,
    lossAfter: isNumberOrUnknown,
    gradientNorm: isNumberOrUnknown,
    clippedUpdates: isWhole,
    skippedUpdates: isWhole,
    gradientReach: isReach,
    forgetTicks: isForgetting,
    eventTimeNs: isDecimal,
  });

const SHAPES: Readonly<Record<ModelEvent['event'], Readonly<Record<string, Check>>>> = {
  boundary: { id: isWhole, ranges: isRanges, seed: isWhole },
  switched: { id: isWhole, sha: isSha, parentSha: isSha, report: isReport },
  refused: { id: isWhole, reason: isText, report: isReport },
};

/** Bytes: version u8, then JSON, in which a number that could not be measured (NaN) is null. */
export function encodeModelEvent(event: ModelEvent): Uint8Array {
  return encodeVersionedJson(VERSION, event);
}

/** @throws CorruptBytesError `BYTES_CORRUPT` for another version, or where it is no event that we know */
export function decodeModelEvent(bytes: Uint8Array): ModelEvent {
  const isOld = bytes[0] === VERSION_WITHOUT_REACH;
  const read = decodeVersionedJson(isOld ? VERSION_WITHOUT_REACH : VERSION, bytes, WHAT);
  const value = isOld ? withoutReach(read) : read;
  const name = isFields(value) ? value.event : undefined;
  if (typeof name !== 'string' || !Object.hasOwn(SHAPES, name)) {
    throw new CorruptBytesError(
      `${WHAT} is one of ${Object.keys(SHAPES).join(', ')}, was ${JSON.stringify(name)}`,
    );
  }
  const shape = SHAPES[name as ModelEvent['event']];
  if (!matches(value, shape)) {
    throw new CorruptBytesError(
      `${WHAT} '${name}' needs ${Object.keys(shape).join(', ')}, was ${JSON.stringify(value)}`,
    );
  }
  return withNumbers(value as ModelEvent);
}

/** A record of version 1 as one that measured nothing. */
function withoutReach(value: unknown): unknown {
  if (!isFields(value) || !isFields(value['report'])) return value;
  const unknown = { skippedUpdates: 0, gradientReach: [], forgetTicks: null };
  return { ...value, report: { ...value['report'], ...unknown } };
}

function withNumbers(event: ModelEvent): ModelEvent {
  if (event.event === 'boundary') return event;
  const number = (value: number | null): number => value ?? Number.NaN;
  const { report } = event;
  const { gradientReach, forgetTicks } = report;
  return {
    ...event,
    report: {
      ...report,
      lossBefore: number(report.lossBefore),
      lossAfter: number(report.lossAfter),
      gradientNorm: number(report.gradientNorm),
      gradientReach: gradientReach.map(({ lagTicks, ratio }) => ({
        lagTicks,
        ratio: number(ratio),
      })),
      forgetTicks: forgetTicks && {
        median: number(forgetTicks.median),
        largest: number(forgetTicks.largest),
      },
    },
  };
}

function matches(value: unknown, shape: Readonly<Record<string, Check>>): boolean {
  return isFields(value) && Object.entries(shape).every(([field, check]) => check(value[field]));
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
