import { promisify } from 'node:util';
import { constants, zstdCompress, zstdDecompress } from 'node:zlib';
import kafkajs from 'kafkajs';
import Connection from 'kafkajs/src/network/connection.js';
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';

/** After this long a queue that is full looks again, if no answer has made room before. */
const FULL_QUEUE_MS = 10;

/** Forecasts become no smaller at zstd's own level, 3, and take twice the processor time (docs/decisions/0019). */
const FASTEST = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

const { disconnect } = Connection.prototype;
const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

/**
 * What kafkajs 2.2.4 lacks or does wrong on Node 24. Idempotent.
 * - Its request queue sets a timer even where nothing waits, with a delay below zero: 3 to 4 % of a core per idle connection, and
 *   a TimeoutNegativeWarning (kafkajs issues 1751, 1768). A queue that is not waiting needs no timer.
 * - It names zstd without having it. What is unpacked gets memory of its own size: zlib's lies in a block of 64 KiB, which every
 *   record that is kept, and every fetch that waits, would hold.
 * - It ends the same socket once for each request that it lost with it. `unref` of one that is destroyed leaves a listener for its
 *   connection, which never comes: a MaxListenersExceededWarning after the eleventh. A destroyed socket is forgotten instead.
 */
export function mendKafkajs(): void {
  Connection.prototype.disconnect = disconnectLiving;
  RequestQueue.prototype.scheduleCheckPendingRequests = scheduleWhereOneWaits;
  kafkajs.CompressionCodecs[kafkajs.CompressionTypes.ZSTD] = () => ({
    compress: (encoder: { readonly buffer: Buffer }) => compress(encoder.buffer, FASTEST),
    decompress: async (bytes: Buffer) => ofOwnSize(await decompress(bytes)),
  });
}

function disconnectLiving(this: Connection): Promise<boolean> {
  if (this.socket?.destroyed === true) this.socket = null;
  return disconnect.call(this);
}

function ofOwnSize(bytes: Buffer): Buffer {
  return Buffer.from(Uint8Array.from(bytes).buffer);
}

function scheduleWhereOneWaits(this: RequestQueue): void {
  if (this.pending.length === 0 || this.throttleCheckTimeoutId !== null) return;
  const throttledMs = this.throttledUntil - Date.now();
  this.throttleCheckTimeoutId = setTimeout(
    () => {
      this.throttleCheckTimeoutId = null;
      this.checkPendingRequests();
    },
    throttledMs > 0 ? throttledMs : FULL_QUEUE_MS,
  );
}
