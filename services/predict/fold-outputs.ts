import type { FoldOutput } from '#shared/forecast/fold-output.ts';
import { packsOf } from '#shared/forecast/forecast-packs.ts';
import { encodeScore } from '#shared/forecast/score-record.ts';
import { encodeVersionedJson } from '#shared/numeric/versioned-json.ts';
import type { Output } from '#shared/state/partition-commit.ts';

const REJECT_VERSION = 1;

/** What a fold has made as records for the log; topics that get nothing are left out. */
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
  return outputs.filter(({ values }) => values.length > 0);
}
