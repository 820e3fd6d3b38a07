import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** How many of these are still held by someone once all that nobody holds is collected. */
export async function countHeld(all: readonly WeakRef<object>[]): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  // What a turn has made or looked at lives until it ends.
  await nextTurn();
  collect();
  return all.filter((one) => one.deref() !== undefined).length;
}
