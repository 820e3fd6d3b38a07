import { type SourceFiles, withoutComments } from './source-files.ts';

/** Words that say nothing of the subject (docs/STYLE.md section 2). */
const BANNED = [
  'util',
  'utils',
  'helper',
  'helpers',
  'common',
  'misc',
  'manager',
  'handler',
  'processor',
  'data',
  'info',
  'base',
  'impl',
];

const EXPORT =
  /^export\s+(?:declare\s+)?(?:abstract\s+)?(?:async\s+)?(?:const|let|function\*?|class|interface|type)\s+([A-Za-z0-9_$]+)/gm;

/** Every file and export whose name holds a banned word, as `file: what`. */
export function nameProblems(files: SourceFiles): readonly string[] {
  return [...files].flatMap(([path, text]) => [
    ...problemsOfPath(path),
    ...exportsOf(text).flatMap((name) => problemsOfExport(path, name)),
  ]);
}

export function exportsOf(text: string): readonly string[] {
  return [...withoutComments(text).matchAll(EXPORT)].map((hit) => hit[1]);
}

function problemsOfPath(path: string): readonly string[] {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const problems = name
    .split(/[-.]/)
    .filter((word) => BANNED.includes(word))
    .map((word) => `${path}: the name says "${word}"`);
  return name === 'index.ts' ? [...problems, `${path}: is a barrel by name`] : problems;
}

function problemsOfExport(path: string, name: string): readonly string[] {
  const words = name.split(/(?<=[a-z0-9])(?=[A-Z])|_/).map((word) => word.toLowerCase());
  const problems = words
    .filter((word) => BANNED.includes(word))
    .map((word) => `${path}: export ${name} says "${word}"`);
  return /^I[A-Z][a-z]/.test(name)
    ? [...problems, `${path}: export ${name} has an I before it`]
    : problems;
}
