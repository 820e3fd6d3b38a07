import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, resolve } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../../..');
const FOLDERS = 'docs infra services shared test';
const PAGES = globSync(['*.md', `{${FOLDERS.replaceAll(' ', ',')}}/**/*.md`], { cwd: ROOT }).sort();
const paths = new Set(
  globSync(['*', `{${FOLDERS.replaceAll(' ', ',')}}/**`], { cwd: ROOT }).map((path) =>
    path.replaceAll('\\', '/'),
  ),
);
const LINK = /\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g;
/** A path from the root in code style; `*` and `<name>` stand for any name. */
const NAMED = new RegExp(`\`((?:${FOLDERS.replaceAll(' ', '|')})/[\\w./*<>-]+)\``, 'g');

test('there are pages, and links in them', () => {
  expect(PAGES.length).toBeGreaterThan(50);
  expect(PAGES.flatMap((page) => [...read(page).matchAll(LINK)]).length).toBeGreaterThan(100);
});

test.each(PAGES)('every link and path in %s leads somewhere', (page) => {
  const text = read(page);
  const dead = [...text.matchAll(LINK)].filter(([, path, heading]) => {
    const target = path === '' ? page : normalize(join(dirname(page), path)).replace(/\/$/, '');
    return !paths.has(target) || (heading !== undefined && !headingsOf(target).includes(heading));
  });
  const unknown = [...text.matchAll(NAMED)].filter(([, path]) => !isThere(path.replace(/\/$/, '')));
  expect([...dead, ...unknown].map(([found]) => found)).toEqual([]);
});

function read(page: string): string {
  return readFileSync(join(ROOT, page), 'utf8');
}

/** As GitHub names them. */
function headingsOf(page: string): string[] {
  return [...read(page).matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}

function isThere(path: string): boolean {
  const pattern = path.replace(/<\w+>/g, '*');
  return paths.has(path) || (pattern.includes('*') && globSync(pattern, { cwd: ROOT }).length > 0);
}
