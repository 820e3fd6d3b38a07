import { expect, test } from 'vitest';
import { importCircles, importProblems, ORDER } from './import-rules.ts';
import { importsOf, planted, sourceFiles } from './source-files.ts';

const files = sourceFiles('{shared,services}/**/*.ts');

// A gate that can pass on nothing is not a gate.
test('there are files to judge, and imports in them', () => {
  expect(files.size).toBeGreaterThan(50);
  const count = [...files].reduce((sum, [path, text]) => sum + importsOf(path, text).length, 0);
  expect(count).toBeGreaterThan(files.size);
});

test('all imports, purity, package homes and adapters are where they belong', () => {
  expect(importProblems(files)).toEqual([]);
});

test('no files load each other in a circle', () => {
  expect(importCircles(files)).toEqual([]);
});

test('shared/README.md lists the folders in their order', () => {
  const readme = sourceFiles('shared/README.md').get('shared/README.md') ?? '';
  const listed = [...readme.matchAll(/^\| \d+ \| `([a-z]+)/gm)].map((hit) => hit[1]);
  expect(listed).toEqual([...ORDER]);
});

const violations: Readonly<Record<string, readonly [path: string, text: string, caught: string]>> =
  {
    'an import against the order': [
      'shared/features/planted.ts',
      `import { x } from '#shared/log/event-log.ts';`,
      'which stands after it',
    ],
    'the same over several lines': [
      'shared/features/planted.ts',
      `import {\n  type x,\n  y,\n} from '../nn/random.ts';`,
      'which stands after it',
    ],
    'the same in a dynamic import': [
      'shared/numeric/planted.ts',
      `const x = import('#shared/market/tick.ts');`,
      'which stands after it',
    ],
    'shared reaching into services': [
      'shared/runtime/planted.ts',
      `import { x } from '#services/solo/config.ts';`,
      'shared/ stands alone',
    ],
    'a folder without a place': ['shared/extra/planted.ts', '', 'no folder of the order'],
    'an import without its ending': [
      'services/train/planted.ts',
      `import { x } from './other';`,
      'without its ending',
    ],
    'a service reaching into another': [
      'services/train/planted.ts',
      `import { x } from '#services/predict/service.ts';`,
      'of another service',
    ],
    'a main.ts that composes by itself': [
      'services/train/main.ts',
      `import { Brokers } from '#services/distributed/brokers.ts';`,
      'of another service',
    ],
    'a service that knows how it is composed': [
      'services/train/planted.ts',
      `import { runService } from '#services/distributed/service.ts';`,
      'of another service',
    ],
    'a composition reaching behind a service': [
      'services/solo/planted.ts',
      `import { x } from '#services/predict/progress.ts';`,
      'of another service',
    ],
    'a package away from its home': [
      'services/train/planted.ts',
      `import { open } from 'lmdb';`,
      'whose home is',
    ],
    'a package without a home': [
      'services/train/planted.ts',
      `import _ from 'lodash/get';`,
      'whose home is nowhere',
    ],
    'a Node module in pure code': [
      'shared/market/planted.ts',
      `import { createHash } from 'node:crypto';`,
      'uses no package',
    ],
    'a package in the client': [
      'shared/client/planted.ts',
      `import { WebSocket } from 'ws';`,
      'uses no package',
    ],
    'an adapter named by a service': [
      'services/predict/planted.ts',
      `import { openEmbeddedLog } from '#shared/log/embedded/embedded-log.ts';`,
      'names the adapter',
    ],
    'a clock in pure code': ['shared/nn/planted.ts', 'const t = Date.now();', 'a clock'],
    'randomness in pure code': ['shared/nn/planted.ts', 'Math.random();', 'randomness'],
    'a timer in pure code': ['shared/wire/planted.ts', 'setTimeout(f, 1);', 'a timer'],
    'waiting in pure code': ['shared/wire/planted.ts', 'async () => {};', 'waiting'],
    'an engine’s own exponential': ['shared/forecast/planted.ts', 'Math.exp(1);', 'round'],
    'the environment read outside main.ts': [
      'services/predict/planted.ts',
      'const x = process.env;',
      'which is for main.ts',
    ],
    'an import of a test': [
      'services/predict/planted.ts',
      `import { aTick } from '#test/builders/a-tick.ts';`,
      'which is a test',
    ],
  };

test.each(Object.entries(violations))('%s is caught', (_, [path, text, caught]) => {
  const problems = importProblems(planted(files, { [path]: text }));
  const found = problems.filter((problem) => problem.startsWith(`${path}: `));
  expect(found.join('\n')).toContain(caught);
});

test('a circle is caught, one of types only is none', () => {
  const circle = {
    'shared/nn/planted-a.ts': `import { b } from './planted-b.ts';`,
    'shared/nn/planted-b.ts': `import { a } from './planted-a.ts';`,
  };
  expect(importCircles(planted(files, circle)).join()).toContain('planted-a.ts -> shared/nn');
  const types = {
    'shared/nn/planted-a.ts': `import { b } from './planted-b.ts';`,
    'shared/nn/planted-b.ts': `import type { a } from './planted-a.ts';`,
  };
  expect(importCircles(planted(files, types)).join()).not.toContain('planted');
});

test('what is only said in a comment is no breach', () => {
  const commented = {
    'shared/nn/planted.ts': `// Math.random() would differ\n/** new Date() too; import { x } from 'lmdb' */\nexport const x = 1;`,
  };
  expect(importProblems(planted(files, commented)).join()).not.toContain('planted');
});
