/**
 * What `work` gives, or null where the signal is aborted before; `work` is not ended by that, and its failure is then no news. For
 * loops that wait many times under one signal: `Promise.race` with a promise that lasts keeps every race, and with it what won,
 * for as long as that promise lives.
 */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | null> {
  const { promise, resolve, reject } = Promise.withResolvers<T | null>();
  const giveUp = () => resolve(null);
  signal.addEventListener('abort', giveUp, { once: true });
  work.then(resolve, reject);
  if (signal.aborted) giveUp();
  try {
    return await promise;
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}
