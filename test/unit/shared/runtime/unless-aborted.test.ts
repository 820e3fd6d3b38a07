import { expect, test } from 'vitest';
import { unlessAborted } from '#shared/runtime/unless-aborted.ts';
import { countHeld } from '#test/builders/collect-garbage.ts';

const never = new Promise<string>(() => undefined);

test('what the work gives, or how it fails, is passed on', async () => {
  const { signal } = new AbortController();
  expect(await unlessAborted(Promise.resolve('done'), signal)).toBe('done');
  await expect(unlessAborted(Promise.reject(new Error('broken')), signal)).rejects.toThrow(
    'broken',
  );
});

test('an abort ends the wait with null, also one that came before; a later failure is no news', async () => {
  const ending = new AbortController();
  const { promise: work, reject } = Promise.withResolvers<string>();
  const waits = [unlessAborted(never, ending.signal), unlessAborted(work, ending.signal)];
  ending.abort();
  expect(await Promise.all(waits)).toEqual([null, null]);
  expect(await unlessAborted(never, ending.signal)).toBeNull();
  reject(new Error('too late'));
});

test('a signal that lives on holds nothing of the waits that are over', async () => {
  const { signal } = new AbortController();
  const given: WeakRef<object>[] = [];
  for (let k = 0; k < 100; k++) {
    const wait = unlessAborted(Promise.resolve({ k }), signal);
    given.push(new WeakRef((await wait) as object));
  }
  // The newest may still lie in a register of this function.
  expect(await countHeld(given)).toBeLessThanOrEqual(1);
  expect(signal.aborted).toBe(false);
});
