import type { Profiler } from 'node:inspector';
import { Session } from 'node:inspector/promises';
import { join } from 'node:path';

/** A part of the work, and the functions it consists of: `path#function` from the project's root, or a library's path. */
export interface Part {
  readonly name: string;
  readonly frames: RegExp;
}

const ROOT = `file://${join(import.meta.dirname, '../..')}/`;
const SAMPLE_MICROS = 100;

/**
 * Where the time of `work` goes, by samples of the stack: a sample counts for the part of the innermost function that belongs to one,
 * so what parts share counts for whoever called it. Waiting is left out.
 *
 * @returns nanoseconds per part, `collecting garbage` and `other` last
 */
export async function timeByPart(
  parts: readonly Part[],
  work: () => Promise<void> | void,
): Promise<ReadonlyMap<string, number>> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: SAMPLE_MICROS });
  await session.post('Profiler.start');
  await work();
  const { profile } = await session.post('Profiler.stop');
  session.disconnect();
  return sumByPart(profile, parts);
}

export function sumByPart(
  { nodes, samples = [], timeDeltas = [] }: Profiler.Profile,
  parts: readonly Part[],
): ReadonlyMap<string, number> {
  const parents = new Map<number, Profiler.ProfileNode>();
  for (const node of nodes) for (const child of node.children ?? []) parents.set(child, node);
  const partOfNode = new Map(nodes.map((node) => [node.id, partOf(node, parents, parts)]));
  const names = [...parts.map(({ name }) => name), GARBAGE, OTHER];
  const sums = new Map(names.map((name) => [name, 0]));
  samples.forEach((id, k) => {
    const name = partOfNode.get(id) ?? OTHER;
    // A sample stands for the time until the next one.
    if (name !== WAITING) sums.set(name, (sums.get(name) ?? 0) + 1e3 * (timeDeltas[k + 1] ?? 0));
  });
  return sums;
}

const GARBAGE = 'collecting garbage';
const OTHER = 'other';
const WAITING = 'waiting';

function partOf(
  leaf: Profiler.ProfileNode,
  parents: ReadonlyMap<number, Profiler.ProfileNode>,
  parts: readonly Part[],
): string {
  if (leaf.callFrame.functionName === '(garbage collector)') return GARBAGE;
  const isProfiler = leaf.callFrame.url.startsWith('node:inspector');
  if (leaf.callFrame.functionName === '(idle)' || isProfiler) return WAITING;
  for (let node: Profiler.ProfileNode | undefined = leaf; node; node = parents.get(node.id)) {
    const { url, functionName } = node.callFrame;
    const frame = `${url.replace(ROOT, '')}#${functionName}`;
    const part = parts.find(({ frames }) => frames.test(frame));
    if (part !== undefined) return part.name;
  }
  return OTHER;
}
