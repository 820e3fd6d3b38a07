import { spawnSync } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';

// node infra/client/build.ts FOLDER: the TypeScript client as a package, ready for `npm publish FOLDER`.

const ROOT = resolve(import.meta.dirname, '../..');
const SHARED = join(ROOT, 'shared');
/** `from '#shared/wire/codec.ts'`, `import './x.ts'`, `import('./x.ts')`. */
const SPECIFIER = /(\bfrom |\bimport |\bimport\()'([#.][^']*)\.ts'/g;

const [out] = process.argv.slice(2);
if (out === undefined) throw new Error('expected the folder to write to: build.ts FOLDER');
await build(resolve(out));

async function build(folder: string): Promise<void> {
  const manifest = JSON.parse(await readFile(join(import.meta.dirname, 'package.json'), 'utf8'));
  const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
  const entries = (Object.values(manifest.exports) as string[]).map((path) =>
    path.slice('./'.length).replace(/\.js$/, '.ts'),
  );
  const staging = await mkdtemp(join(tmpdir(), 'foretick-client-'));
  try {
    const sources = await stage(entries, staging);
    await compile(sources, staging, folder);
  } finally {
    await rm(staging, { recursive: true });
  }
  await renameInDeclarations(folder);
  await copyFile(join(import.meta.dirname, 'README.md'), join(folder, 'README.md'));
  await copyFile(join(ROOT, 'LICENSE'), join(folder, 'LICENSE'));
  await writeFile(
    join(folder, 'package.json'),
    `${JSON.stringify({ ...manifest, version }, null, 2)}\n`,
  );
}

/** The files, and all that they import, with relative imports: `#shared` is known within the repository only. */
async function stage(entries: readonly string[], staging: string): Promise<string[]> {
  const wanted = new Set(entries);
  const staged: string[] = [];
  for (const path of wanted) {
    const text = await readFile(join(SHARED, path), 'utf8');
    const rewritten = text.replace(SPECIFIER, (_, before: string, specifier: string) => {
      const target = specifier.startsWith('#shared/')
        ? specifier.slice('#shared/'.length)
        : join(dirname(path), specifier);
      wanted.add(`${target}.ts`);
      return `${before}'${dotted(relative(dirname(path), target))}.ts'`;
    });
    await mkdir(join(staging, dirname(path)), { recursive: true });
    await writeFile(join(staging, path), rewritten);
    staged.push(path);
  }
  return staged;
}

async function compile(files: readonly string[], staging: string, folder: string): Promise<void> {
  const packages = join(ROOT, 'node_modules');
  const compilerOptions = {
    ...{ target: 'es2022', lib: ['es2023', 'dom'], module: 'nodenext', strict: true, types: [] },
    ...{ exactOptionalPropertyTypes: true, verbatimModuleSyntax: true, declaration: true },
    ...{ rewriteRelativeImportExtensions: true, noEmitOnError: true, rootDir: '.', outDir: folder },
    paths: { react: [join(packages, '@types/react/index.d.ts')] },
  };
  await writeFile(join(staging, 'package.json'), JSON.stringify({ type: 'module' }));
  await writeFile(join(staging, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
  const compiler = join(packages, 'typescript/bin/tsc');
  const run = spawnSync(process.execPath, [compiler, '-p', staging], { encoding: 'utf8' });
  if (run.status !== 0) throw new Error(`the compiler ended with ${run.status}:\n${run.stdout}`);
}

/** The compiler leaves the endings of imports in declarations as they are. */
async function renameInDeclarations(folder: string): Promise<void> {
  for (const path of await readdir(folder, { recursive: true })) {
    if (!path.endsWith('.d.ts')) continue;
    const text = await readFile(join(folder, path), 'utf8');
    await writeFile(join(folder, path), text.replace(SPECIFIER, "$1'$2.js'"));
  }
}

function dotted(path: string): string {
  return path.startsWith('.') ? path : `./${path}`;
}
