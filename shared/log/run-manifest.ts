import { CorruptBytesError } from '#shared/errors.ts';
import { decodeVersionedJson, encodeVersionedJson } from '#shared/numeric/versioned-json.ts';
import { LogMismatchError } from './log-errors.ts';

const VERSION = 1;

/** What may never change in the life of a run. */
export interface RunManifest {
  readonly format: number;
  readonly run: string;
  readonly partitionCount: number;
  readonly partitioner: string;
  /** Whatever else the caller wants equal at every start. */
  readonly settings: Readonly<Record<string, unknown>>;
}

export function encodeManifest(manifest: RunManifest): Uint8Array {
  return encodeVersionedJson(VERSION, manifest);
}

/** @throws CorruptBytesError `BYTES_CORRUPT` */
export function decodeManifest(bytes: Uint8Array): RunManifest {
  const value = decodeVersionedJson(
    VERSION,
    bytes,
    'the manifest of the run',
  ) as RunManifest | null;
  if (typeof value?.run !== 'string' || typeof value.settings !== 'object') {
    throw new CorruptBytesError('the manifest must name its run, did not', { value });
  }
  return value;
}

/** One setting that the folder holds otherwise than we were started with. */
interface Difference {
  readonly key: string;
  readonly expected: unknown;
  readonly found: unknown;
}

/** @throws LogMismatchError `LOG_MISMATCH` naming every key that differs, with what was expected and what was found */
export function requireSameManifest(wanted: RunManifest, found: RunManifest, where: string): void {
  const differences = [
    ...differing({ ...wanted, run: '', settings: {} }, { ...found, run: '', settings: {} }),
    ...differing(wanted.settings, found.settings),
  ];
  if (differences.length === 0) return;
  const text = differences
    .map(({ key, expected, found: was }) => `${key} must be ${shown(expected)}, was ${shown(was)}`)
    .join('; ');
  throw new LogMismatchError(`${where} holds run ${found.run} with other settings: ${text}`, {
    where,
    run: found.run,
    differences,
  });
}

function differing(wanted: object, found: object): Difference[] {
  const ours = new Map<string, unknown>(Object.entries(wanted));
  const theirs = new Map<string, unknown>(Object.entries(found));
  const keys = [...new Set([...ours.keys(), ...theirs.keys()])].sort();
  return keys
    .filter((key) => canonical(ours.get(key)) !== canonical(theirs.get(key)))
    .map((key) => ({ key, expected: ours.get(key), found: theirs.get(key) }));
}

/** JSON with sorted keys, so that the order in which settings were written does not count. */
function canonical(value: unknown): string | undefined {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

function shown(value: unknown): string {
  return value === undefined ? 'absent' : String(canonical(value));
}
