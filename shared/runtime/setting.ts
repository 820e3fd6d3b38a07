/** One setting: its environment name, how its text is read, and what docs/configuration.md says of it. */
export interface Setting<T> {
  /** Begins with `FORETICK_`. */
  readonly name: string;
  readonly default: T;
  readonly type: string;
  readonly unit: string;
  readonly bounds: string;
  readonly meaning: string;
  readonly isSecret: boolean;
  /** @returns the value, or what was expected instead, as the end of "NAME must be ..." */
  readonly read: (text: string) => { readonly value: T } | { readonly expected: string };
}

/** Settings by key, possibly grouped; a composition groups the schemas of the services it starts. */
export interface Schema {
  readonly [key: string]: Setting<unknown> | Schema;
}

/** What `readSettings` makes of a schema. */
export type ConfigOf<S> = {
  readonly [K in keyof S]: S[K] extends Setting<infer T> ? T : ConfigOf<S[K]>;
};

export function isSetting(entry: Setting<unknown> | Schema): entry is Setting<unknown> {
  return 'read' in entry && 'meaning' in entry;
}

/** All settings of a schema, groups opened, in the order they are written down. */
export function settingsOf(schema: Schema): readonly Setting<unknown>[] {
  return Object.values(schema).flatMap((entry) => (isSetting(entry) ? [entry] : settingsOf(entry)));
}
