import type { FoldOutput } from '#shared/forecast/fold-output.ts';
import { packsOf } from '#shared/forecast/forecast-packs.ts';
import { encodeScore } from '#shared/forecast/score-record.ts';
import { encodeVersionedJson } from '#shared/numeric/versioned-json.ts';
import type { Output } from '#shared/state/partition-commit.ts';

const REJECT_VERSION = 1;

/** Rows of a wide file make megabytes of forecasts per batch, and Kafka takes an append of 8 MiB at most. */
const APPEND_BYTES = 4 * 1024 * 1024;

/** What a fold has made as records for the log, in appends of a few megabytes; topics that get nothing are left out. */
export function outputsOf(
  partition: number,
  out: FoldOutput,
  levels: readonly number[],
): readonly Output[] {
  const rejects = out.rejects.map(({ src, reason, message }) =>
    encodeVersionedJson(REJECT_VERSION, { reason, where: `ticks/${partition}/${src}`, message }),
  );
  const outputs: Output[] = [
    { topic: 'forecasts', partition, values: packsOf(out.entries, levels) },
    { topic: 'scores', partition: 0, values: out.scores.map(encodeScore) },
    { topic: 'rejects', partition: 0, values: rejects },
  ];
  return outputs.flatMap((output) =>
    inAppends(output.values).map((values) => ({ ...output, values })),
  );
}

function inAppends(values: readonly Uint8Array[]): Uint8Array[][] {
  const appends: Uint8Array[][] = [];
  let bytes = 0;
  for (const value of values) {
    bytes += value.length;
    const last = appends.at(-1);
    if (last === undefined || bytes > APPEND_BYTES) {
      appends.push([value]);
      bytes = value.length;
    } else {
      last.push(value);
    }
  }
  return appends;
}
