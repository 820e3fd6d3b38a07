import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { extname, join } from 'node:path';
import { stripTypes } from './strip-types.ts';

export interface PageFile {
  readonly contentType: string;
  readonly body: string;
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.js': 'text/javascript; charset=utf-8',
  '.ts': 'text/javascript; charset=utf-8',
};

const DASHBOARD = join(import.meta.dirname, 'dashboard');
const SHARED = join(import.meta.dirname, '../../shared');

/**
 * The files a browser may have, by address: listed once at start, so that no address can name another. Types are stripped as
 * a file is served; the result is kept until the file changes.
 */
export class PageFiles {
  readonly #paths: ReadonlyMap<string, string>;
  readonly #kept = new Map<string, { changedMs: number; file: PageFile }>();

  private constructor(paths: ReadonlyMap<string, string>) {
    this.#paths = paths;
  }

  static async list(): Promise<PageFiles> {
    const packages = createRequire(import.meta.url);
    return new PageFiles(
      new Map([
        ['/', join(DASHBOARD, 'index.html')],
        ...(await listed(DASHBOARD, '/dashboard')),
        ...(await listed(join(SHARED, 'wire'), '/shared/wire')),
        ...(await listed(join(SHARED, 'client'), '/shared/client')),
        ['/shared/errors.ts', join(SHARED, 'errors.ts')],
        ['/vendor/uplot.js', packages.resolve('uplot/dist/uPlot.esm.js')],
        ['/vendor/uplot.css', packages.resolve('uplot/dist/uPlot.min.css')],
      ]),
    );
  }

  /** Null for an address that is not listed. */
  async read(address: string): Promise<PageFile | null> {
    const path = this.#paths.get(address);
    if (path === undefined) return null;
    const { mtimeMs } = await stat(path);
    const kept = this.#kept.get(path);
    if (kept?.changedMs === mtimeMs) return kept.file;
    const source = await readFile(path, 'utf8');
    const extension = extname(path);
    const file = {
      contentType: CONTENT_TYPES[extension],
      body: extension === '.ts' ? stripTypes(source) : source,
    };
    this.#kept.set(path, { changedMs: mtimeMs, file });
    return file;
  }
}

/** The page loads nothing from elsewhere and runs no inline script but its import map. */
export function contentSecurityPolicy(html: string): string {
  const inline = /<script type="importmap">([\s\S]*?)<\/script>/.exec(html)?.[1] ?? '';
  const hash = createHash('sha256').update(inline).digest('base64');
  return [
    "default-src 'none'",
    `script-src 'self' 'sha256-${hash}'`,
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

async function listed(folder: string, address: string): Promise<[string, string][]> {
  const names = await readdir(folder);
  return names
    .filter((name) => extname(name) in CONTENT_TYPES && !name.endsWith('.d.ts'))
    .map((name) => [`${address}/${name}`, join(folder, name)]);
}
