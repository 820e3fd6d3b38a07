import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';

/** Where and when numbers were taken; a number without these says nothing. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly node: string;
  readonly commit: string;
  readonly date: string;
}

export function thisMachine(): Machine {
  const vectors = vectorSets();
  return {
    processor: cpus()[0].model.trim() + (vectors === '' ? '' : ` (${vectors})`),
    cores: availableParallelism(),
    node: `${process.version} (V8 ${process.versions.v8}, ${process.platform} ${process.arch})`,
    commit: commit(),
    date: new Date().toISOString().slice(0, 10),
  };
}

/** Processes that wanted a core in the last minute; above the number of cores, times are longer than they need be. */
export function load(): string {
  return loadavg()[0].toFixed(1);
}

/** What decides how wide the peers' native code runs; Linux alone says it. */
function vectorSets(): string {
  if (process.platform !== 'linux') return '';
  const flags = /^flags\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1].split(' ');
  return ['avx2', 'fma', 'avx512f'].filter((name) => flags?.includes(name)).join(', ');
}

function commit(): string {
  const git = (...words: string[]): string => execFileSync('git', words, { encoding: 'utf8' });
  const changed = git('status', '--porcelain', '--', ...MEASURED).trim();
  return git('rev-parse', '--short', 'HEAD').trim() + (changed === '' ? '' : ', then changed');
}

/** The files whose times these are. */
const MEASURED = ['shared', 'services'];
