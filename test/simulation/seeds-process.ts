import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import type { Summary } from './run-seeds.ts';

const PROGRAM = resolve(import.meta.dirname, 'run-seeds.ts');
const MOST_BYTES = 64 * 1024 * 1024;

/** Runs seeds in a process of their own. @throws where it gives no summary: a mutation that does not fit, a module that does not load */
export function runSeeds(args: readonly string[]): Promise<Summary> {
  return new Promise((settle, reject) => {
    const options = { maxBuffer: MOST_BYTES };
    execFile(process.execPath, [PROGRAM, ...args], options, (error, stdout, stderr) => {
      const last = stdout.trimEnd().split('\n').at(-1) ?? '';
      if (last.startsWith('{')) settle(JSON.parse(last) as Summary);
      else reject(new Error(`no summary of ${args.join(' ')}: ${error?.message}\n${stderr}`));
    });
  });
}
