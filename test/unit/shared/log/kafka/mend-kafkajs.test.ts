import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import loggers from 'kafkajs/src/loggers/index.js';
import Connection from 'kafkajs/src/network/connection.js';
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';
import socketFactory from 'kafkajs/src/network/socketFactory.js';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { mendKafkajs } from '#shared/log/kafka/mend-kafkajs.ts';

beforeEach(() => mendKafkajs());

/** The parts of a request queue that its timer looks at. */
const aQueue = (pending: readonly unknown[], throttledUntil: number) => {
  const checkPendingRequests = vi.fn();
  const state = { pending, throttledUntil, throttleCheckTimeoutId: null, checkPendingRequests };
  return Object.assign(Object.create(RequestQueue.prototype) as RequestQueue, state);
};

test('a queue in which nothing waits sets no timer', () => {
  const queue = aQueue([], -1);
  queue.scheduleCheckPendingRequests();
  expect(queue.throttleCheckTimeoutId).toBeNull();
});

test.each([
  ['that is full looks again soon', -1, 10],
  ['that is throttled looks again when it may send', 1_500, 500],
])('a queue %s, once, and never with a delay below zero', (_, throttledUntil, delayMs) => {
  vi.useFakeTimers({ now: 1_000 });
  try {
    const queue = aQueue([{}], throttledUntil);
    queue.scheduleCheckPendingRequests();
    queue.scheduleCheckPendingRequests();
    vi.advanceTimersByTime(delayMs - 1);
    expect(queue.checkPendingRequests).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(queue.checkPendingRequests).toHaveBeenCalledOnce();
  } finally {
    vi.useRealTimers();
  }
});

test('a connection whose socket is gone is ended many times without a listener left on it', async () => {
  const peer = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
  onTestFinished(() => void peer.close());
  await once(peer, 'listening');
  const { port } = peer.address() as AddressInfo;
  const connection = new Connection({
    ...{ host: '127.0.0.1', port, socketFactory: socketFactory(), connectionTimeout: 240_000 },
    requestTimeout: 240_000,
    ...{ logger: loggers.createLogger({ level: 0, logCreator: () => () => undefined }) },
  });
  await connection.connect();
  const { socket } = connection;
  if (socket !== null && !socket.destroyed) await once(socket, 'close');
  for (let k = 0; k < 12; k++) await connection.disconnect();
  expect(socket?.listenerCount('connect')).toBeLessThanOrEqual(1);
});
