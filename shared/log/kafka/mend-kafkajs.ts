import Connection from 'kafkajs/src/network/connection.js';
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';

/** After this long a queue that is full looks again, if no answer has made room before. */
const FULL_QUEUE_MS = 10;

const { disconnect } = Connection.prototype;

/**
 * What kafkajs 2.2.4 lacks or does wrong on Node 24. Idempotent.
 * - Its request queue sets a timer even where nothing waits, with a delay below zero: 3 to 4 % of a core per idle connection, and
 *   a TimeoutNegativeWarning (kafkajs issues 1751, 1768). A queue that is not waiting needs no timer.
 * - It ends the same socket once for each request that it lost with it. `unref` of one that is destroyed leaves a listener for its
 *   connection, which never comes: a MaxListenersExceededWarning after the eleventh. A destroyed socket is forgotten instead.
 */
export function mendKafkajs(): void {
  Connection.prototype.disconnect = disconnectLiving;
  RequestQueue.prototype.scheduleCheckPendingRequests = scheduleWhereOneWaits;
}

function disconnectLiving(this: Connection): Promise<boolean> {
  if (this.socket?.destroyed === true) this.socket = null;
  return disconnect.call(this);
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
