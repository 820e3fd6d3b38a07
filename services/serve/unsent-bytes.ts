import type { Duplex } from 'node:stream';

/** What Node keeps of a socket beside its stream: bytes handed to libuv, and those of them that wait there. */
interface Handled {
  readonly bytesWritten?: number;
  readonly _handle?: { readonly bytesWritten?: number; readonly writeQueueSize?: number } | null;
}

/**
 * Bytes that were written and that the kernel has not taken. `writableLength` alone counts a write until its last byte has left,
 * and Node puts all that waits into one write: megabytes would seem to stand still, and then be gone at once.
 */
export function unsentBytes(stream: Duplex): number {
  const { writableLength } = stream;
  if (writableLength === 0) return 0;
  const { bytesWritten, _handle } = stream as Handled;
  const handed = _handle?.bytesWritten;
  const waiting = _handle?.writeQueueSize;
  if (bytesWritten === undefined || handed === undefined || waiting === undefined) {
    return writableLength;
  }
  return bytesWritten - handed + waiting;
}
