import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SERIES_EXPERTS } from '#shared/forecast/series/series-experts.ts';
import { type AccuracyOptions, over } from './accuracy-bench.ts';
import { replayed } from './replayed.ts';
import {
  POINTS,
  type PreparedSeries,
  preparedSeries,
  SERIES_CASES,
  type SeriesCase,
  type SeriesResult,
  scoredSeries,
} from './series-case.ts';
import { TICK_CASES } from './ticks-case.ts';
import { withoutLines } from './ticks-report.ts';

/** Every part of the named sets left out in turn. */
export async function* runAblation(options: AccuracyOptions): AsyncGenerator<string> {
  const { datasets, only, seed } = options;
  const isWanted = ({ name }: { readonly name: string }) => only.includes(name);
  yield* withoutLines({ datasets, cases: TICK_CASES.filter(isWanted), seed });
  yield '';
  yield* seriesLines(options);
}

/**
 * Each expert of regular series silenced in turn, and both sayings of the network together. The replay with training
 * runs once and is recorded; the others fold that recording, so all have the same weights of the network.
 */
async function* seriesLines(options: AccuracyOptions): AsyncGenerator<string> {
  const { datasets, only, seed } = options;
  const scratch = await mkdtemp(join(tmpdir(), 'foretick-ablation-'));
  const network = SERIES_EXPERTS.filter((name) => name.startsWith('network'));
  const others = SERIES_EXPERTS.slice(1);
  const parts = [
    ...others.map((name) => ({ name: `without ${name}`, silent: [name] })),
    { name: 'without the network', silent: network },
  ];
  yield '| set | parts | MSE at H = 1 / 24 / 48 | MAE |';
  yield '|---|---|---|---|';
  try {
    for (const one of SERIES_CASES.filter(({ name }) => only.includes(name))) {
      const prepared = preparedSeries({ datasets, scratch }, one, seed);
      const log = join(scratch, `${one.name}-log`);
      yield line(one, 'all', await recorded(prepared, log));
      for (const { name, silent } of parts) {
        yield line(one, name, await withSilent(prepared, log, silent));
      }
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Scores the replay with training, and copies its log. */
function recorded(prepared: PreparedSeries, log: string): Promise<readonly SeriesResult[]> {
  return replayed([...prepared.flags, '--keep'], async (run) => {
    await cp(join(`${run.summary.workFolder}`, 'log'), log, { recursive: true });
    return await scoredSeries(prepared, run);
  });
}

function withSilent(
  prepared: PreparedSeries,
  log: string,
  silent: readonly string[],
): Promise<readonly SeriesResult[]> {
  const module = new URL('./silence.ts', import.meta.url);
  for (const name of silent) module.searchParams.append('expert', name);
  const flags = ['--input', `log:${log}`, ...POINTS];
  return replayed(flags, (run) => scoredSeries(prepared, run), {
    nodeFlags: ['--import', module.href],
  });
}

function line(one: SeriesCase, parts: string, results: readonly SeriesResult[]): string {
  return `| ${[one.name, parts, over(results, 'mse'), over(results, 'mae')].join(' | ')} |`;
}
