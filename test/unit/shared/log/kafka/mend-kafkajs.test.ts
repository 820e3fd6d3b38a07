import kafkajs from 'kafkajs';
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';
import { beforeEach, expect, test, vi } from 'vitest';
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

test('zstd gives back what it was given, smaller', async () => {
  const codec = kafkajs.CompressionCodecs[kafkajs.CompressionTypes.ZSTD]();
  const buffer = Buffer.alloc(10_000, 'tick');
  const packed = await codec.compress({ buffer });
  expect(packed.length).toBeLessThan(200);
  expect(await codec.decompress(packed)).toEqual(buffer);
});

test('what is unpacked holds no more memory than it takes: records of it may be kept for long', async () => {
  const codec = kafkajs.CompressionCodecs[kafkajs.CompressionTypes.ZSTD]();
  const unpacked = await codec.decompress(await codec.compress({ buffer: Buffer.alloc(300, 't') }));
  expect(unpacked.buffer.byteLength).toBe(300);
});
