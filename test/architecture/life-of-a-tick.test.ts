import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const STEP = /`([a-zA-Z.]+)`\s+in\s+\[?`([a-z0-9/.-]+\.ts)`/g;

interface NamedFunction {
  readonly name: string;
  readonly file: string;
}

/** Every "`name` in `file`" of the document. */
function namedFunctions(text: string): NamedFunction[] {
  return [...text.matchAll(STEP)].map(([, name, file]) => ({ name, file }));
}

/** Whether the file declares the function, or the method (`Class.method` names the method of a class in the file). */
function declares(source: string, name: string): boolean {
  const last = name.split('.').at(-1) ?? name;
  const classes = name.split('.').slice(0, -1);
  const declaration = new RegExp(
    `(function\\*? ${last}\\b|const ${last}\\b|^\\s+(static |async |readonly )*\\*?${last}[(<:])`,
    'm',
  );
  return declaration.test(source) && classes.every((one) => source.includes(`class ${one}`));
}

const steps = namedFunctions(readFileSync(resolve(ROOT, 'docs/life-of-a-tick.md'), 'utf8'));

test('the life of a tick names functions', () => expect(steps.length).toBeGreaterThan(15));

test.each(steps)('$name stands in $file', ({ name, file }) => {
  expect(existsSync(resolve(ROOT, file)), `${file} exists`).toBe(true);
  expect(declares(readFileSync(resolve(ROOT, file), 'utf8'), name)).toBe(true);
});

test('a function that does not exist is noticed', () => {
  const source =
    'export function fold(): void {}\nclass Owner {\n  async commit(): Promise<void> {}\n}\n';
  expect(declares(source, 'fold')).toBe(true);
  expect(declares(source, 'Owner.commit')).toBe(true);
  expect(declares(source, 'Owner.claim')).toBe(false);
  expect(declares(source, 'unfold')).toBe(false);
});
