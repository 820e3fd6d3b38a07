import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { onTestFinished } from 'vitest';

/** A temporary folder with these files, gone when the test has ended; a text named `.gz` is compressed, bytes stay. */
export async function aFolder(
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'foretick-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const [name, content] of Object.entries(files)) {
    const isPacked = name.endsWith('.gz') && typeof content === 'string';
    await writeFile(join(folder, name), isPacked ? gzipSync(content) : content);
  }
  return folder;
}
