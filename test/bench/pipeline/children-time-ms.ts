import { readFileSync } from 'node:fs';

/** Linux counts processor time in hundredths of a second. */
const TICK_MS = 10;

/**
 * Processor time that all processes started by this one have used so far, ms: the contenders' and, where they run as processes, the
 * brokers'. On a machine that others use it says more than the clock. @returns null where the host cannot tell
 */
export function childrenTimeMs(): number | null {
  if (process.platform !== 'linux') return null;
  try {
    const children = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8');
    return children
      .split(' ')
      .filter(Boolean)
      .reduce((sum, id) => sum + processorMs(id), 0);
  } catch {
    // Kernels are built without the list of children, too.
    return null;
  }
}

function processorMs(id: string): number {
  const stat = readFileSync(`/proc/${id}/stat`, 'utf8');
  // The name, in brackets, may hold blanks; behind it fields 12 and 13 are the time as user and as system.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}
