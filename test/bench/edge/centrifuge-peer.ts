import { execFileSync } from 'node:child_process';
import { join, resolve } from 'node:path';

/** Out of the project's own tree, in a place that git ignores and `npm ci` clears. */
const PROGRAM = resolve(
  import.meta.dirname,
  '../../../node_modules/.cache/foretick-bench-centrifuge/centrifuge',
);

/** The server that centrifuge/main.go is. */
export interface CentrifugePeer {
  readonly program: string;
  /** Its version, Go's, and how many threads of Go's run at a time. */
  readonly name: string;
}

/**
 * Built from the modules that centrifuge/go.sum pins, which Go fetches once.
 *
 * @returns null where it cannot run, or there is no Go, or no network the first time, after saying why
 */
export function openCentrifuge(say: (line: string) => void): CentrifugePeer | null {
  try {
    if (process.platform !== 'linux') throw new Error('it reads its memory from /proc');
    const cwd = join(import.meta.dirname, 'centrifuge');
    execFileSync('go', ['build', '-o', PROGRAM, '.'], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    const name = execFileSync(PROGRAM, ['-version'], { encoding: 'utf8' }).trim();
    return { program: PROGRAM, name };
  } catch (error) {
    say(`centrifuge is left out: ${error instanceof Error ? error.message : error}`);
    return null;
  }
}
