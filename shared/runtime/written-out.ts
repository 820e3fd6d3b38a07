import type { Writable } from 'node:stream';

/**
 * Resolves when all that was written to a stream so far has left the process, or when nobody reads it any more. A pipe takes some
 * 64 KB at a time, and `process.exit` drops the rest.
 */
export function writtenOut(stream: Writable): Promise<void> {
  return new Promise((done) => {
    stream.write('', () => done());
  });
}

/** Whoever stops reading early, as `head` does, wants no more; that is no fault of the command. */
export function forgiveClosedReader(stream: Writable): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}
