import { writeSync } from 'node:fs';
import { openEnvironment } from '#shared/log/embedded/embedded-environment.ts';
import { openEmbeddedLog } from '#shared/log/embedded/embedded-log.ts';
import { asSymbol } from '#shared/market/symbol.ts';
import { openEmbeddedCommit } from '#shared/state/embedded/embedded-store.ts';

// A process of its own: commits for ever, one to forty records at a time, and prints each `next` that was acknowledged.
// Everything that it writes can be told from `next` alone, so that whoever reopens the folder can check all of it.
const environment = await openEnvironment({
  folder: process.argv[2],
  partitionCount: 2,
  settings: {},
});
const log = openEmbeddedLog(environment);
const store = openEmbeddedCommit(environment, log);
const { token, header } = await store.claim(0, 0);

/** Eight bytes that tell the number. */
const numbered = (value: bigint): Uint8Array => new Uint8Array(BigInt64Array.of(value).buffer);

let base = header?.next ?? 0n;
for (let round = 0; ; round++) {
  const count = 1n + ((base * 7n + BigInt(round)) % 40n);
  const next = base + count;
  const changed = Array.from({ length: 5 }, (_, k) => asSymbol(`s${(round + k) % 9}`));
  const body = new Uint8Array(20_000).fill(Number(next % 251n));
  body.set(numbered(next));
  await store.commit({
    partition: 0,
    token,
    base,
    next,
    partitionState: numbered(next),
    symbols: [asSymbol('always'), ...changed].map((symbol) => ({ symbol, bytes: body })),
    outputs: [
      {
        topic: 'forecasts',
        partition: 0,
        values: Array.from({ length: Number(count) }, (_, k) => numbered(base + BigInt(k))),
      },
      { topic: 'scores', partition: 0, values: [numbered(next)] },
    ],
  });
  base = next;
  // A line at once and whole: a stream's buffer would die with the process.
  writeSync(1, `${next}\n`);
}
