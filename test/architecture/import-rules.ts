import { type Import, importsOf, type SourceFiles, withoutComments } from './source-files.ts';

/** Reading order = allowed direction: a folder of `shared/` imports only from folders before it, and from itself. */
export const ORDER = [
  'errors',
  'position',
  'numeric',
  'market',
  'features',
  'nn',
  'forecast',
  'wire',
  'client',
  'runtime',
  'log',
  'state',
  'flow',
] as const;

const rankOf = (path: string): number =>
  (ORDER as readonly string[]).indexOf(/^shared\/([^/.]+)/.exec(path)?.[1] ?? '');
const isPure = (path: string): boolean =>
  path.startsWith('shared/') && rankOf(path) >= 0 && rankOf(path) < ORDER.indexOf('client');
const isWeb = (path: string): boolean => path.startsWith('shared/client/');

/** Where each package may be imported. What is missing here may be imported nowhere in `shared/` and `services/`. */
const HOMES: Readonly<Record<string, RegExp>> = {
  kafkajs: /^shared\/log\/kafka\//,
  lmdb: /^shared\/(log|state)\/embedded\//,
  ioredis: /^shared\/state\/redis\//,
  ws: /^services\/(serve\/|ingest\/sources\/)/,
  jose: /^services\/serve\//,
  '@msgpack/msgpack': /^services\/serve\//,
  rxjs: /^(shared\/flow\/|services\/[^/]+\/(pipeline|service)\.ts$)/,
  pino: /^shared\/runtime\//,
  'prom-client': /^shared\/runtime\//,
  zod: /^(shared\/runtime\/|services\/[^/]+\/config\.ts$|services\/serve\/inbound-message\.ts$)/,
  commander: /^services\/cli\//,
  hyparquet: /^services\/replay\/files\//,
  'hyparquet-writer': /^services\/replay\/files\//,
  'csv-parse': /^services\/ingest\/sources\//,
  react: /^shared\/client\/react\//,
  uplot: /^services\/serve\/dashboard\//,
};

/** Adapters: which log, store, clock or logger is in use is known to compositions only. */
const ADAPTER =
  /^shared\/((log|state)\/(embedded|kafka|redis|files)\/|runtime\/(system-clock|virtual-clock|pino-logger|memory-logger|prometheus-metrics|memory-metrics)\.ts$)/;
const NAMES_ADAPTERS =
  /^(services\/[^/]+\/main\.ts$|services\/(cli|solo|replay|distributed)\/|shared\/(log|state)\/(embedded|kafka|redis|files)\/)/;
const COMPOSITION = /^services\/(cli|solo|replay|distributed)\//;
const OFFERED =
  /^services\/([^/]+\/(service|config)\.ts|ingest\/sources\/[^/]+\.ts|solo\/forecaster-settings-of\.ts)$/;
/** What a service is as a process of its own, its composition says: `distributed` starts each on the same brokers. */
const OWN_PROCESS = /^services\/[^/]+\/main\.ts$/;
const DISTRIBUTED = 'services/distributed/service.ts';

/** What pure code may not name: it must say the same on every machine, at every time. */
const IMPURE: readonly (readonly [RegExp, string])[] = [
  [/\bnew Date\b|\bDate\.|\bperformance\./, 'a clock'],
  [/\b(setTimeout|setInterval|setImmediate|queueMicrotask)\b/, 'a timer'],
  [/\bMath\.random\b|\bcrypto\b/, 'randomness'],
  [/\bawait\b|\basync\b|\bPromise\b/, 'waiting'],
  [/\b(process|fetch|globalThis|console)\b[.(]/, 'the host'],
  // Not correctly rounded by the standard, so engines differ in the last bits: shared/numeric/elementary.ts has its own.
  [
    /\bMath\.(exp|expm1|log|log1p|log2|log10|pow|tanh|sinh|cosh|sin|cos|tan|asin|acos|atan|atan2|cbrt|hypot)\b/,
    'an elementary function that engines round differently',
  ],
];

/** Every breach of the import rule and its riders (docs/ARCHITECTURE.md section 4), as `file: what`. */
export function importProblems(files: SourceFiles): readonly string[] {
  return [...files].flatMap(([path, text]) => {
    const imports = importsOf(path, text);
    const found = [
      ...imports.flatMap((one) => problemsOfImport(path, one)),
      ...problemsOfText(path, withoutComments(text)),
    ];
    if (path.startsWith('shared/') && rankOf(path) < 0) found.push('is in no folder of the order');
    return found.map((problem) => `${path}: ${problem}`);
  });
}

function problemsOfImport(path: string, one: Import): readonly string[] {
  if (one.file !== null) return problemsOfFile(path, one.file);
  const name = one.package ?? '';
  if (isPure(path) || (isWeb(path) && !HOMES[name]?.test(path)))
    return [`imports ${one.specifier}, but uses no package`];
  if (name === 'node:' || HOMES[name]?.test(path)) return [];
  return [`imports ${name}, whose home is ${HOMES[name] ?? 'nowhere'}`];
}

function problemsOfFile(path: string, to: string): readonly string[] {
  const problems: string[] = [];
  if (!to.endsWith('.ts')) problems.push(`imports ${to} without its ending`);
  if (path.startsWith('shared/')) {
    if (!to.startsWith('shared/')) problems.push(`imports ${to}, but shared/ stands alone`);
    else if (rankOf(to) > rankOf(path)) problems.push(`imports ${to}, which stands after it`);
  }
  if (to.startsWith('test/')) problems.push(`imports ${to}, which is a test`);
  if (crossesServices(path, to)) problems.push(`imports ${to} of another service`);
  if (ADAPTER.test(to) && !NAMES_ADAPTERS.test(path)) {
    problems.push(`names the adapter ${to}, which is for main.ts and compositions`);
  }
  return problems;
}

function crossesServices(path: string, to: string): boolean {
  const from = /^services\/([^/]+)\//.exec(path)?.[1];
  const into = /^services\/([^/]+)\//.exec(to)?.[1];
  if (from === undefined || into === undefined || from === into) return false;
  if (OWN_PROCESS.test(path) && to === DISTRIBUTED) return false;
  return !(COMPOSITION.test(path) && OFFERED.test(to));
}

function problemsOfText(path: string, code: string): readonly string[] {
  const problems: string[] = [];
  if (isPure(path)) {
    for (const [pattern, what] of IMPURE) {
      const hit = pattern.exec(code);
      if (hit !== null) problems.push(`names ${hit[0]} (${what}), but is pure`);
    }
  }
  if (/\bprocess\.(env|exit)\b(?!Code)/.test(code) && !/^services\/[^/]+\/main\.ts$/.test(path)) {
    problems.push('reads process.env or calls process.exit, which is for main.ts');
  }
  return problems;
}

/** Circles of imports that load each other, as `a -> b -> a`; imports of types only make none. */
export function importCircles(files: SourceFiles): readonly string[] {
  const next = new Map(
    [...files].map(([path, text]) => [
      path,
      importsOf(path, text).flatMap(({ file, isTypeOnly }) =>
        file !== null && !isTypeOnly && files.has(file) ? [file] : [],
      ),
    ]),
  );
  const circles: string[] = [];
  const finished = new Set<string>();
  const visit = (path: string, trail: readonly string[]): void => {
    const seenAt = trail.indexOf(path);
    if (seenAt >= 0) circles.push([...trail.slice(seenAt), path].join(' -> '));
    if (seenAt >= 0 || finished.has(path)) return;
    for (const file of next.get(path) ?? []) visit(file, [...trail, path]);
    finished.add(path);
  };
  for (const path of files.keys()) visit(path, []);
  return circles;
}
