import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

export const ROOT = join(import.meta.dirname, '../..');
export const run = promisify(execFile);

export interface ClientPackage {
  /** What would be published. */
  readonly folder: string;
  /** A folder beside it, for whoever uses it. */
  readonly app: string;
  remove(): Promise<void>;
}

/** The TypeScript client as a package, built in a folder outside the repository. */
export async function aClientPackage(): Promise<ClientPackage> {
  const place = await mkdtemp(join(tmpdir(), 'foretick-package-'));
  const folder = join(place, 'package');
  await run(process.execPath, [join(ROOT, 'infra/client/build.ts'), folder]);
  return { folder, app: join(place, 'app'), remove: () => rm(place, { recursive: true }) };
}

/** The n-th block of code of a language in a page. */
export async function codeOf(page: string, language: string, n = 0): Promise<string> {
  const text = await readFile(join(ROOT, page), 'utf8');
  const blocks = [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))];
  const code = blocks[n]?.[1];
  if (code === undefined) throw new Error(`${page} must have ${n + 1} blocks of ${language}`);
  return code;
}
