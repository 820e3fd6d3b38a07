import { nearestName } from './nearest-name.ts';
import { type ConfigOf, isSetting, type Schema, type Setting, settingsOf } from './setting.ts';
import { SettingsError } from './settings-error.ts';

export type { ConfigOf } from './setting.ts';

/** Names with our prefix that are read by tests, benchmarks and docker-compose.yml: known, whatever a service reads. */
const READ_ELSEWHERE = [
  'FORETICK_DATASETS',
  'FORETICK_TEST_LONG',
  'FORETICK_PYTHON',
  'FORETICK_KAFKA_BROKERS',
  'FORETICK_REDIS_URL',
  'FORETICK_IMAGE',
  'FORETICK_KAFKA_IMAGE',
  'FORETICK_KAFKA_HEAP',
  'FORETICK_REDIS_IMAGE',
  'FORETICK_PROMETHEUS_IMAGE',
  'FORETICK_GRAFANA_IMAGE',
];

export interface NumberOptions {
  readonly default: number;
  /** Inclusive. */
  readonly atLeast?: number;
  /** Exclusive. */
  readonly above?: number;
  /** Inclusive. */
  readonly atMost?: number;
  readonly unit: string;
  readonly meaning: string;
}

export interface TextOptions {
  readonly default: string;
  readonly meaning: string;
  /** Never printed, neither in messages nor in tables. */
  readonly secret?: boolean;
}

/** A finite number within bounds. */
export function number(name: string, options: NumberOptions): Setting<number> {
  return numeric(name, 'number', options);
}

/** A whole number within bounds. */
export function integer(name: string, options: NumberOptions): Setting<number> {
  return numeric(name, 'integer', options);
}

/** Any text, with blanks at both ends taken off. */
export function text(name: string, options: TextOptions): Setting<string> {
  return {
    ...described(name, 'text', options),
    isSecret: options.secret ?? false,
    read: (value) => ({ value }),
  };
}

/** One of a few words. */
export function choice<const T extends string>(
  name: string,
  values: readonly T[],
  options: { readonly default: NoInfer<T>; readonly meaning: string },
): Setting<T> {
  const expected = `one of ${values.join(', ')}`;
  return {
    ...described(name, 'choice', options),
    bounds: values.join(', '),
    read: (value) => {
      const found = values.find((one) => one === value);
      return found === undefined ? { expected } : { value: found };
    },
  };
}

/** One or more of a few words with commas between; in their own order, however they were given. */
export function choices<const T extends string>(
  name: string,
  values: readonly T[],
  options: { readonly default: readonly NoInfer<T>[]; readonly meaning: string },
): Setting<readonly T[]> {
  const expected = `one or more of ${values.join(', ')}, with commas between`;
  return {
    ...described(name, 'choices', options),
    bounds: values.join(', '),
    read: (value) => {
      const named = value.split(',').map((item) => item.trim());
      const isKnown = named.every((item) => values.some((one) => one === item));
      return isKnown ? { value: values.filter((one) => named.includes(one)) } : { expected };
    },
  };
}

/** `true` or `false`. */
export function flag(
  name: string,
  options: { readonly default: boolean; readonly meaning: string },
): Setting<boolean> {
  return {
    ...described(name, 'true or false', options),
    read: (value) =>
      value === 'true' || value === 'false'
        ? { value: value === 'true' }
        : { expected: 'true or false' },
  };
}

/** Texts with commas between; an empty setting is the default, `-` is the empty list. */
export function list(
  name: string,
  options: { readonly default: readonly string[]; readonly meaning: string },
): Setting<readonly string[]> {
  return {
    ...described(name, 'list', options),
    read: (value) => {
      const items = value === '-' ? [] : value.split(',').map((item) => item.trim());
      return items.includes('')
        ? { expected: 'texts with commas between, none empty' }
        : { value: items };
    },
  };
}

/** Whole numbers with commas between, each within bounds, at most `most` of them. */
export function integers(
  name: string,
  options: Omit<NumberOptions, 'default'> & {
    readonly default: readonly number[];
    readonly most: number;
  },
): Setting<readonly number[]> {
  const one = numeric(name, 'integer', { ...options, default: 0 });
  return {
    ...described(name, 'integers', options),
    unit: options.unit,
    bounds: one.bounds,
    read: (value) => {
      const expected = `at most ${options.most} whole numbers with commas between, each ${one.bounds}`;
      const read = value.split(',').map((item) => one.read(item.trim()));
      const found = read.flatMap((item) => ('value' in item ? [item.value] : []));
      return found.length === read.length && found.length <= options.most
        ? { value: found }
        : { expected };
    },
  };
}

/**
 * Reads a schema from environment variables; an empty variable counts as absent. Unknown `FORETICK_*` names and all bad values
 * are reported together, secrets without their value.
 *
 * @throws SettingsError `SETTINGS_INVALID`
 */
export function readSettings<const S extends Schema>(
  schema: S,
  environment: Readonly<Record<string, string | undefined>>,
): ConfigOf<S> {
  const problems = unknownNames(settingsOf(schema), environment);
  const config = readGroup(schema, environment, problems);
  if (problems.length > 0) throw new SettingsError(problems);
  return config as ConfigOf<S>;
}

function unknownNames(
  settings: readonly Setting<unknown>[],
  environment: Readonly<Record<string, string | undefined>>,
): string[] {
  const known = [...settings.map((setting) => setting.name), ...READ_ELSEWHERE];
  return Object.keys(environment)
    .filter((name) => name.startsWith('FORETICK_') && !known.includes(name))
    .sort()
    .map((name) => {
      const nearest = nearestName(name, known);
      return `${name} is not a setting${nearest === null ? '' : `; did you mean ${nearest}?`}`;
    });
}

function readGroup(
  schema: Schema,
  environment: Readonly<Record<string, string | undefined>>,
  problems: string[],
): Record<string, unknown> {
  const config: Record<string, unknown> = {};
  for (const [key, entry] of Object.entries(schema)) {
    config[key] = isSetting(entry)
      ? readOne(entry, environment[entry.name]?.trim() ?? '', problems)
      : readGroup(entry, environment, problems);
  }
  return config;
}

function readOne(setting: Setting<unknown>, given: string, problems: string[]): unknown {
  if (given === '') return setting.default;
  const result = setting.read(given);
  if ('value' in result) return result.value;
  const was = setting.isSecret ? 'was something else (secret)' : `was ${JSON.stringify(given)}`;
  problems.push(`${setting.name} must be ${result.expected}, ${was}`);
  return setting.default;
}

function numeric(
  name: string,
  type: 'integer' | 'number',
  options: NumberOptions,
): Setting<number> {
  const bounds = boundsOf(options);
  const kind = type === 'integer' ? 'a whole number' : 'a number';
  const expected = bounds === '' ? kind : `${kind} ${bounds}`;
  return {
    ...described(name, type, options),
    unit: options.unit,
    bounds,
    read: (value) => {
      const found = value.trim() === '' ? Number.NaN : Number(value);
      const isRightKind = type === 'integer' ? Number.isSafeInteger(found) : Number.isFinite(found);
      return isRightKind && isWithin(found, options) ? { value: found } : { expected };
    },
  };
}

function isWithin(value: number, { atLeast, above, atMost }: NumberOptions): boolean {
  return (
    (atLeast === undefined || value >= atLeast) &&
    (above === undefined || value > above) &&
    (atMost === undefined || value <= atMost)
  );
}

function boundsOf({ atLeast, above, atMost }: Omit<NumberOptions, 'default'>): string {
  const parts = [
    atLeast === undefined ? '' : `at least ${atLeast}`,
    above === undefined ? '' : `above ${above}`,
    atMost === undefined ? '' : `at most ${atMost}`,
  ];
  return parts.filter((part) => part !== '').join(' and ');
}

function described<T>(
  name: string,
  type: string,
  options: { readonly default: T; readonly meaning: string },
): Omit<Setting<T>, 'read'> {
  const { default: fallback, meaning } = options;
  return { name, type, default: fallback, meaning, unit: '', bounds: '', isSecret: false };
}
