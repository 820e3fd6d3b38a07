import { readFileSync } from 'node:fs';
import { decodeVersionedJson, encodeVersionedJson } from '#shared/numeric/versioned-json.ts';

const VERSION = 1;

/** One life of one process. A process id alone is given to others later. */
export interface ProcessIdentity {
  readonly pid: number;
  /** The machine's boot: empty where the host has no /proc. */
  readonly bootId: string;
  /** In ticks since the boot: empty where the host has no /proc. */
  readonly startedAt: string;
}

/** @returns null where no such process runs; one that was killed and awaits its parent does not run */
export function identityOf(pid: number): ProcessIdentity | null {
  if (process.platform !== 'linux') {
    return isSignallable(pid) ? { pid, bootId: '', startedAt: '' } : null;
  }
  const stat = textOrNull(`/proc/${pid}/stat`);
  if (stat === null) return null;
  // The command's name stands in brackets and may hold both spaces and brackets; state is field 3, start time field 22.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields[0] === 'Z' || fields[0] === 'X') return null;
  const bootId = textOrNull('/proc/sys/kernel/random/boot_id')?.trim() ?? '';
  return { pid, bootId, startedAt: fields[19] };
}

/** Does the very process that was recorded still run? */
export function isAlive(recorded: ProcessIdentity): boolean {
  const now = identityOf(recorded.pid);
  return now !== null && now.bootId === recorded.bootId && now.startedAt === recorded.startedAt;
}

export function encodeIdentity(identity: ProcessIdentity): Uint8Array {
  return encodeVersionedJson(VERSION, identity);
}

/** Null where none is stored. @throws CorruptBytesError `BYTES_CORRUPT` */
export function decodeIdentity(bytes: Uint8Array | undefined): ProcessIdentity | null {
  if (bytes === undefined) return null;
  return decodeVersionedJson(VERSION, bytes, 'the owner of the folder') as ProcessIdentity;
}

function isSignallable(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // EPERM: it runs, under another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function textOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    // The process ended, perhaps between two reads; absence is the answer.
    return null;
  }
}
