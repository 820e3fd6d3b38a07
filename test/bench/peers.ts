import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';

/**
 * Where the peers lie: out of the project's own tree of sources, which the type checker and the architecture tests read, and in a
 * place that git ignores and `npm ci` clears.
 */
const FOLDER = resolve(import.meta.dirname, '../../node_modules/.cache/foretick-bench-peers');
const PINNED = resolve(import.meta.dirname, 'peers');

/** Packages that are compared with and never imported by the product. */
export interface Peers {
  /** @throws Error where the package is not installed; the result is what its caller says it is */
  load<Package>(name: string): Package;
  version(name: string): string;
  /** Where a file of a package lies. */
  path(file: string): string;
}

/**
 * The peers at the versions of peers/package-lock.json, installed when they are missing or other versions lie there. Install
 * scripts are not run: onnxruntime-node's would fetch GPU libraries, and its CPU library is in the package.
 *
 * @returns null where npm could not install them, after saying why
 */
export function openPeers(say: (line: string) => void): Peers | null {
  if (!isCurrent()) {
    say(`installing the peers of test/bench/peers into ${FOLDER} (about 600 MB, once)`);
    mkdirSync(FOLDER, { recursive: true });
    for (const file of ['package.json', 'package-lock.json']) {
      copyFileSync(join(PINNED, file), join(FOLDER, file));
    }
    try {
      const flags = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--fetch-retries=1'];
      execFileSync('npm', flags, { cwd: FOLDER, stdio: ['ignore', 'pipe', 'pipe'] });
    } catch (error) {
      say(`npm could not install the peers: ${error instanceof Error ? error.message : error}`);
      return null;
    }
  }
  const require = createRequire(join(FOLDER, 'package.json'));
  return {
    load: (name) => require(name),
    path: (file) => join(FOLDER, 'node_modules', file),
    version: (name) =>
      JSON.parse(readFileSync(join(FOLDER, 'node_modules', name, 'package.json'), 'utf8')).version,
  };
}

/** npm writes the hidden lockfile last, so where it stands the install came to its end. */
function isCurrent(): boolean {
  if (!existsSync(join(FOLDER, 'node_modules/.package-lock.json'))) return false;
  const read = (folder: string): string => readFileSync(join(folder, 'package-lock.json'), 'utf8');
  return read(FOLDER) === read(PINNED);
}
