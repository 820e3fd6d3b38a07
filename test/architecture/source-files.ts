import { globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** Path from the repository's root, with `/`, to text. */
export type SourceFiles = ReadonlyMap<string, string>;

const root = resolve(import.meta.dirname, '../..');

/** The files that match, as they lie on the disk. */
export function sourceFiles(...patterns: readonly string[]): SourceFiles {
  const paths = globSync(patterns, { cwd: root }).map((path) => path.replaceAll('\\', '/'));
  return new Map(paths.sort().map((path) => [path, readFileSync(resolve(root, path), 'utf8')]));
}

/** A copy with more files in it: how a test plants a violation. */
export function planted(files: SourceFiles, more: Readonly<Record<string, string>>): SourceFiles {
  return new Map([...files, ...Object.entries(more)]);
}

export interface Import {
  /** As written. */
  readonly specifier: string;
  /** The file it names, from the repository's root; null for packages and Node's own modules. */
  readonly file: string | null;
  /** The package it names, `node:` for Node's own modules; null for files. */
  readonly package: string | null;
  readonly isTypeOnly: boolean;
}

const STATIC = /^\s*(?:import|export)\s+(type\s+)?(?:[^;'"]*?\sfrom\s+)?['"]([^'"]+)['"]/gm;
const DYNAMIC = /\bimport\(\s*['"]([^'"]+)['"]/g;

export function importsOf(path: string, text: string): readonly Import[] {
  const code = withoutComments(text);
  return [
    ...[...code.matchAll(STATIC)].map((hit) => ({ specifier: hit[2], isTypeOnly: !!hit[1] })),
    ...[...code.matchAll(DYNAMIC)].map((hit) => ({ specifier: hit[1], isTypeOnly: false })),
  ].map((found) => ({ ...found, ...resolved(path, found.specifier) }));
}

/** Block comments and comment lines taken out; line numbers stay. Comments behind code stay, since `//` may stand in a text. */
export function withoutComments(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ' '))
    .replace(/^\s*\/\/.*$/gm, '');
}

function resolved(path: string, specifier: string): Pick<Import, 'file' | 'package'> {
  if (specifier.startsWith('#')) return { file: specifier.slice(1), package: null };
  if (specifier.startsWith('.')) {
    const folder = path.slice(0, path.lastIndexOf('/') + 1);
    return { file: new URL(folder + specifier, 'file:///').pathname.slice(1), package: null };
  }
  if (specifier.startsWith('node:')) return { file: null, package: 'node:' };
  const parts = specifier.split('/');
  return { file: null, package: parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/') };
}
