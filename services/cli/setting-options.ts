import { Option } from 'commander';
import { type Schema, type Setting, settingsOf } from '#shared/runtime/setting.ts';
import type { Environment } from './command-output.ts';

/** Every setting of a schema as a flag: FORETICK_LOG_LEVEL is --log-level. A flag wins over the environment. */
export function settingOptions(schema: Schema): readonly Option[] {
  return settingsOf(schema)
    .filter((setting) => !setting.isSecret)
    .map((setting) => new Option(`${flagOf(setting)} <value>`, helpOf(setting)));
}

/** The environment with the flags in their variables' places. */
export function environmentWith(
  environment: Environment,
  schema: Schema,
  flags: Readonly<Record<string, unknown>>,
): Environment {
  const merged: Record<string, string | undefined> = { ...environment };
  for (const setting of settingsOf(schema)) {
    const value = flags[new Option(`${flagOf(setting)} <value>`).attributeName()];
    if (typeof value === 'string') merged[setting.name] = value;
  }
  return merged;
}

/** Somebody waits for the answer: brokers that are away are told of sooner than by a service. */
export function impatient(environment: Environment): Environment {
  return { FORETICK_PATIENCE_SECONDS: '10', ...environment };
}

function flagOf({ name }: Setting<unknown>): string {
  return `--${name
    .replace(/^FORETICK_/, '')
    .toLowerCase()
    .replaceAll('_', '-')}`;
}

function helpOf({ meaning, name, bounds, unit, default: value }: Setting<unknown>): string {
  const notes = [unit, bounds, `default ${String(value) || 'none'}`, name];
  return `${meaning} (${notes.filter((note) => note !== '').join('; ')})`;
}
