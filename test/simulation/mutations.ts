import { registerHooks } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Plan } from './plan.ts';
import type { ScriptRules } from './redis-server.ts';

/** One safety check taken out: in the source as it is loaded, in the store's scripts, or in both. */
export interface Mutation {
  readonly name: string;
  readonly edits: readonly Edit[];
  readonly without?: keyof ScriptRules;
  /** The plans in which it can matter; absent: all. Only their seeds are run. */
  readonly where?: (plan: Plan) => boolean;
  /** It must be caught by a seed from 1 to this one. */
  readonly within: number;
}

export interface Edit {
  /** From the repository's root. */
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly find: string;
  readonly replace: string;
}

const OWNER = 'services/predict/partition-owner.ts';
const RINGS = 'services/serve/forecast-rings.ts';
const TRACKER = 'shared/client/position-tracker.ts';
const RULES = 'shared/state/claim-rules.ts';
const REDIS = 'shared/state/redis/redis-commit.ts';
const CHECKPOINT = 'shared/state/redis/redis-checkpoint.ts';
const FORECASTER = 'shared/forecast/forecaster.ts';

const losesForecasts = (plan: Plan): boolean => plan.losesForecasts && isFailing(plan);
const hasTwoGateways = (plan: Plan): boolean => plan.gatewayCount > 1 && isFailing(plan);
const isFailing = ({ faultEveryMs }: Plan): boolean => faultEveryMs <= 120;

export const MUTATIONS: readonly Mutation[] = [
  {
    name: 'a commit with an old token is taken',
    edits: [
      {
        file: RULES,
        find: 'stored === null || stored.token !== token',
        replace: 'stored === null',
      },
    ],
    without: 'token',
    within: 200,
  },
  {
    name: 'a commit from another position is taken',
    edits: [{ file: RULES, find: 'if (found !== base) {', replace: 'if (found < 0n) {' }],
    without: 'base',
    within: 400,
  },
  {
    name: 'a claim of an older generation is taken',
    edits: [],
    without: 'generation',
    within: 400,
  },
  {
    name: 'state is saved before its forecasts are published',
    edits: [
      {
        file: REDIS,
        find: 'for (const { topic, partition: to, values: records } of outputs) {\n      await this.#options.log.append(topic, to, records);\n    }\n',
        replace: '',
      },
      {
        file: REDIS,
        find: '    before.set(hashes);\n',
        replace:
          '    before.set(hashes);\n    for (const one of outputs) await this.#options.log.append(one.topic, one.partition, one.values);\n',
      },
    ],
    within: 200,
  },
  {
    name: 'state is saved while forecasts before it are still on their way',
    edits: [
      {
        file: OWNER,
        find: 'await this.#publishing;\n    if (savesNow',
        replace: 'if (savesNow',
      },
      {
        file: OWNER,
        find: 'await this.#publishing;\n    if (this.isAhead)',
        replace: 'if (this.isAhead)',
      },
    ],
    within: 400,
  },
  {
    name: 'the gateway takes repeats',
    edits: [{ file: RINGS, find: 'if (entry.src <= ring.watermark) continue;', replace: '' }],
    within: 200,
  },
  {
    name: 'the gateway overlooks a gap',
    edits: [
      { file: RINGS, find: '!isFirst && entry.prev !== ring.watermark', replace: 'entry.src < 0n' },
    ],
    where: losesForecasts,
    within: 1_000,
  },
  {
    name: 'the gateway recovers what its ring no longer holds',
    edits: [{ file: RINGS, find: 'if (ring.entries[0].prev > seen) return null;', replace: '' }],
    within: 400,
  },
  {
    name: 'the client takes repeats',
    edits: [
      {
        file: TRACKER,
        find: '({ position }) => BigInt(position.src) >',
        replace: '({ position }) => BigInt(position.src) + 1_000_000n >',
      },
    ],
    where: hasTwoGateways,
    within: 1_000,
  },
  {
    name: 'the client overlooks a gap',
    edits: [
      { file: TRACKER, find: 'BigInt(after) > this.#srcOf(partition)', replace: 'after === ""' },
    ],
    where: losesForecasts,
    within: 1_000,
  },
  {
    name: 'a delta is added to another forecast than it was made from',
    edits: [
      {
        file: 'services/serve/group-bases.ts',
        find: 'this.#sent === null ? before : (this.#sent.get(placed.symbol) ?? null)',
        replace: 'before',
      },
      {
        file: 'shared/client/forecast-bases.ts',
        find: 'base?.origin === delta.from ?',
        replace: 'base !== undefined ?',
      },
    ],
    within: 100,
  },
  {
    name: 'the owner folds across a gap',
    edits: [
      {
        file: OWNER,
        find: 'if (offset !== expected) throw gap(this.partition, expected, offset);',
        replace: '',
      },
    ],
    within: 200,
  },
  {
    name: 'the owner folds again what a batch repeats',
    edits: [{ file: OWNER, find: 'offset >= this.#next', replace: 'offset >= 0n' }],
    within: 200,
  },
  {
    name: 'memory is kept after an error',
    edits: [
      {
        file: 'services/predict/assignment.ts',
        find: 'this.#owner = null;\n      if (!isPassing(error)',
        replace: 'if (!isPassing(error)',
      },
    ],
    within: 400,
  },
  {
    name: 'a checkpoint made of two is believed',
    edits: [
      {
        file: CHECKPOINT,
        find: 'if (found === expected) return;',
        replace: "if (found !== '') return;",
      },
    ],
    within: 1_000,
  },
  {
    name: 'symbols are read under the header of another position',
    edits: [
      {
        file: CHECKPOINT,
        find: 'requireStandingAt(this.#partition, next === null ? null : this.offsetOf(next), at);',
        replace: '',
      },
    ],
    within: 1_000,
  },
  {
    name: 'the fold takes a tick twice',
    edits: [
      {
        file: 'shared/forecast/tick-sequence.ts',
        find: "if (isKnown) return 'duplicate';",
        replace: '',
      },
    ],
    within: 20,
  },
  {
    name: 'a switch takes effect at the beginning of its batch',
    edits: [
      {
        file: FORECASTER,
        find: 'for (const record of records) this.#foldRecord(record);',
        replace:
          'for (const isControl of [true, false]) for (const record of records) if ((record.value[1] === 4) === isControl) this.#foldRecord(record);',
      },
    ],
    within: 50,
  },
  {
    name: 'a switch to a model that is missing is skipped',
    edits: [
      {
        file: 'services/predict/model-follower.ts',
        find: 'if (bytes !== null) return this.#forecastModel(sha, bytes);',
        replace: 'return this.#forecastModel(sha, bytes ?? this.#genesis);',
      },
    ],
    within: 200,
  },
  {
    name: 'a state that changed by context alone is not saved',
    edits: [
      {
        file: FORECASTER,
        find: "if (outcome === 'event' || outcome === 'context') this",
        replace: "if (outcome === 'event') this",
      },
    ],
    within: 200,
  },
  {
    name: 'after a snapshot only what changed is saved',
    edits: [
      {
        file: OWNER,
        find: 'return isFirst && saved !== null ? statesOf(saved) : changed;',
        replace: 'return changed;',
      },
    ],
    within: 1_000,
  },
  {
    name: 'a position of another run is taken for one of this',
    edits: [
      { file: RINGS, find: 'if (position.run !== this.run) return null;', replace: '' },
      {
        file: 'shared/client/update-reader.ts',
        find: 'if (this.position?.run !== run) this.#tracker.forget();',
        replace: '',
      },
    ],
    within: 200,
  },
  {
    name: 'a state that the log no longer reaches is believed',
    edits: [
      {
        file: 'services/predict/restore-partition.ts',
        find: 'if (header.next < bounds.start) {',
        replace: 'if (header.next < 0n) {',
      },
    ],
    within: 200,
  },
  {
    name: 'a log that lost its tail is not noticed',
    edits: [
      {
        file: 'services/predict/restore-partition.ts',
        find: 'if (next <= end) return;',
        replace: 'if (next >= 0n) return;',
      },
    ],
    within: 200,
  },
];

const root = pathToFileURL(`${resolve(import.meta.dirname, '../..')}/`).href;

/** From now on modules are loaded with the edits. @returns which files have been, to be asked at the end */
export function mutate({ edits }: Mutation): ReadonlySet<string> {
  const edited = new Set<string>();
  registerHooks({
    load: (url, context, next) => {
      const loaded = next(url, context);
      const own = edits.filter(({ file }) => url === root + file);
      if (own.length === 0) return loaded;
      let source = String(loaded.source);
      for (const { file, find, replace } of own) {
        const count = source.split(find).length - 1;
        if (count !== 1) throw new Error(`${file} must hold once, held ${count} times: ${find}`);
        source = source.replace(find, () => replace);
        edited.add(file);
      }
      return { ...loaded, source };
    },
  });
  return edited;
}
