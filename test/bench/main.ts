import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findChromium } from '#test/builders/chromium.ts';
import { runAblation } from './accuracy/ablation.ts';
import { runAccuracy } from './accuracy/accuracy-bench.ts';
import { openCentrifuge } from './edge/centrifuge-peer.ts';
import { runEdge } from './edge/edge-bench.ts';
import { edgeCases } from './edge/edge-cases.ts';
import { edgeGoals } from './edge/edge-goals.ts';
import { edgeHead, edgeLine } from './edge/edge-report.ts';
import { foldLines, runFold, seriesCases, tickCases } from './fold/fold-bench.ts';
import { stateLines } from './fold/state-size.ts';
import type { CaseResult } from './kernels/case-result.ts';
import { openField } from './kernels/field.ts';
import { FULL, QUICK, runKernels } from './kernels/kernels-bench.ts';
import { caseLines, goalLines, markdown } from './kernels/report.ts';
import { load, thisMachine } from './machine.ts';
import { networkHead, networkLine, runNetwork } from './network/network-bench.ts';
import { runPage } from './page/page-bench.ts';
import { pageLines } from './page/page-report.ts';
import {
  FULL as FULL_PIPELINE,
  QUICK as QUICK_PIPELINE,
  runPipeline,
} from './pipeline/pipeline-bench.ts';
import { pipelineLines } from './pipeline/report.ts';
import { type RecordedTape, recordedSeries, recordedTape } from './recorded-tape.ts';
import { finish, headOf, notesOf } from './results-file.ts';

const USAGE =
  'usage: npm run bench -- accuracy|ablation|edge|fold|kernels|network|page|pipeline [--quick] [--write]; accuracy, ablation: [--only SET,...] [--seed N]';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean' },
    write: { type: 'boolean' },
    only: { type: 'string' },
    seed: { type: 'string' },
  },
});
const benches: Readonly<Record<string, typeof benchKernels>> = {
  kernels: benchKernels,
  network: benchNetwork,
  fold: benchFold,
  pipeline: benchPipeline,
  edge: benchEdge,
  page: benchPage,
  accuracy: benchAccuracy,
  ablation: benchAblation,
};
const bench = benches[positionals.join()];
if (bench === undefined) {
  console.error(USAGE);
  process.exitCode = 2;
} else {
  await bench(values.quick === true, values.write === true);
}

/** The WebSocket edge and its clients, in a process each, beside a bare `ws` loop and Centrifugo's library. */
async function benchEdge(isQuick: boolean, isWritten: boolean): Promise<void> {
  const { date, commit, processor, node } = thisMachine();
  const command = `npm run bench -- edge${isQuick ? ' --quick' : ''}`;
  const centrifuge = openCentrifuge(console.log);
  const lines = [
    '# The WebSocket edge',
    '',
    `Written by \`${command} --write\` on ${date}, commit ${commit}; ${processor}, Node ${node}; load average ${load()} before.`,
    'Forecasts of full size (1.3 KB of JSON). CPU-seconds: user and system time of the server process, in which is the whole gateway with its settings as they are by default, on a log',
    'in memory that packs of forecasts come into through a pipe; forecasts are made in a second process, all clients are in a third, with as many files open as the system lets it. The age is',
    'that of the oldest forecast of each frame when a client has read it. Each figure is the middle of those of all rounds; rounds of all cases follow one another. Goals are of these figures.',
    centrifuge === null
      ? 'Without centrifuge, which could not be built.'
      : `Centrifugo's library takes part as ${centrifuge.name}; README.md says how.`,
    '',
    ...edgeHead(),
  ];
  for (const line of lines) console.log(line);
  const results = await runEdge(isQuick, centrifuge, (what, one) =>
    console.log(edgeLine(what, one)),
  );
  for (const what of edgeCases(isQuick)) {
    const result = results.get(what.name);
    if (result !== undefined) lines.push(edgeLine(what, result));
  }
  lines.push('', '| goal | bound | was | |', '|---|---|---|---|', ...edgeGoals(results));
  const path = join(import.meta.dirname, 'RESULTS-edge.md');
  for (const line of lines.slice(7)) console.log(line);
  if (isWritten) writeFileSync(path, `${lines.join('\n')}\n${notesOf(path)}`);
}

/** Our own network on each of our own kernels. */
async function benchNetwork(isQuick: boolean, isWritten: boolean): Promise<void> {
  const { date, commit, processor, node } = thisMachine();
  const command = `npm run bench -- network${isQuick ? ' --quick' : ''}`;
  const lines = [
    '# The network on its kernels',
    '',
    `Written by \`${command} --write\` on ${date}, commit ${commit}; ${processor}, Node ${node}; load average ${load()} before.`,
    'Least of all turns, kernels in turns in one process; in brackets how many times as fast as `reference`.',
    ...networkHead(),
  ];
  for (const line of lines) console.log(line);
  for await (const result of runNetwork(isQuick ? 5 : 20)) {
    lines.push(networkLine(result));
    console.log(lines.at(-1));
  }
  if (isWritten)
    writeFileSync(join(import.meta.dirname, 'RESULTS-network.md'), `${lines.join('\n')}\n`);
}

/** The forecasts' scores on the data sets of the protocol, through `replay`. `--quick`: trades and ETTh2 alone. */
async function benchAccuracy(isQuick: boolean, isWritten: boolean): Promise<void> {
  const { date, commit, processor, node } = thisMachine();
  const named = values.only?.split(',') ?? [];
  const only = isQuick ? ['trades', 'ETTh2'] : named;
  const seed = Number(values.seed ?? 1);
  const lines = [
    '# Accuracy',
    '',
    `Written by \`npm run bench -- accuracy --write\` on ${date}, commit ${commit}; ${processor}, Node ${node}; seed ${seed}, load average ${load()} before.`,
    'Every data set through `foretick replay` with one configuration per kind; the protocol stands in docs/model.md.',
    '',
  ];
  for (const line of lines) console.log(line);
  const datasets = process.env['FORETICK_DATASETS'] ?? '../shared/data';
  for await (const line of runAccuracy({ datasets, only, seed })) {
    lines.push(line);
    console.log(line);
  }
  if (!isWritten) return;
  const path = join(import.meta.dirname, 'RESULTS-accuracy.md');
  writeFileSync(path, `${lines.join('\n')}\n${notesOf(path)}`);
}

/** Regular series with their experts silenced in turn; ETTh2 alone where none is named. */
async function benchAblation(): Promise<void> {
  const { date, commit } = thisMachine();
  const only = values.only?.split(',') ?? ['trades', 'ETTh2'];
  const seed = Number(values.seed ?? 1);
  console.log(`${date}, commit ${commit}, seed ${seed}\n`);
  const datasets = process.env['FORETICK_DATASETS'] ?? '../shared/data';
  for await (const line of runAblation({ datasets, only, seed })) console.log(line);
}

/** The fold alone, by part. */
async function benchFold(isQuick: boolean, isWritten: boolean): Promise<void> {
  const head = headOf('fold', isQuick);
  const tape = await tapeOrNothing();
  const series = await recordedSeries(isQuick ? 1500 : 3000, 1000);
  if (tape === null || series === null) return;
  const passes = isQuick ? 3 : 12;
  finish('RESULTS-fold.md', isWritten, [
    '# The fold by part',
    '',
    head,
    'Records in, records out, in memory, on one core. Nanoseconds of the fastest pass, shared out by samples of the stack in as many further passes.',
    '',
    '## Ticks',
    '',
    'Default network, horizons 1, 10 and 100, warm-up 25 %, batches of 1,000 records.',
    '',
    ...foldLines(await runFold(tickCases(tape), passes)),
    '',
    '## Regular series',
    '',
    'The first 3,000 rows of ETTm1, seven symbols each, season 96, horizons 1 to 48, warm-up 1,000 rows, batches of 100 rows; a tick is one value of one symbol.',
    '',
    ...foldLines(await runFold(seriesCases(series), passes / 3)),
    '',
    '## State',
    '',
    'What a checkpoint holds of a symbol, which is all that is kept of it. It does not grow with time.',
    '',
    ...stateLines(),
  ]);
}

/** The pipeline on real brokers against a pass-through of the same bytes. */
async function benchPipeline(isQuick: boolean, isWritten: boolean): Promise<void> {
  const head = headOf('pipeline', isQuick);
  const tape = await tapeOrNothing();
  if (tape === null) return;
  const results = await runPipeline(tape, isQuick ? QUICK_PIPELINE : FULL_PIPELINE, console.log);
  finish('RESULTS-pipeline.md', isWritten, [
    '# The pipeline on Kafka and Redis',
    '',
    `${head} ${load()} after.`,
    'Trades of 80 symbols in 16 partitions, each of which is forecast; Kafka, Redis and all contenders on this machine. A pass-through reads the same ticks and per batch appends as many',
    'bytes of forecasts and writes once to Redis: by the consumer and producer of kafkajs, of which the goals are, or by our own adapter. Left out: features, network, scores and',
    'calibration; constant forecasts take the same way.',
    '',
    ...pipelineLines(results),
  ]);
}

/** The dashboard with ten thousand symbols in a browser, beside an empty page. */
async function benchPage(isQuick: boolean, isWritten: boolean): Promise<void> {
  const head = headOf('page', isQuick);
  const executablePath = findChromium();
  if (executablePath === null) {
    console.log('left out: no Chromium in FORETICK_CHROMIUM nor in a usual place');
    return;
  }
  const lines = pageLines(
    await runPage(executablePath, isQuick ? 1 : 3, ({ screen, name }) =>
      console.log(`${screen}: ${name}`),
    ),
  );
  finish('RESULTS-page.md', isWritten, ['# The dashboard with 10,000 symbols', '', head, ...lines]);
}

async function tapeOrNothing(): Promise<RecordedTape | null> {
  const tape = await recordedTape();
  if (tape === null) {
    console.error('recorded ticks are looked for where FORETICK_DATASETS says, none were there');
    process.exitCode = 2;
  }
  return tape;
}

async function benchKernels(isQuick: boolean, isWritten: boolean): Promise<void> {
  const loadBefore = load();
  // Now, since the tree may change while it runs; what is measured is loaded already.
  const machine = thisMachine();
  const field = await openField(process.env['FORETICK_PYTHON'] ?? 'python3', console.log);
  for (const line of field.leftOut) console.log(`left out: ${line}`);
  const results: CaseResult[] = [];
  for await (const result of runKernels(field.contenders, isQuick ? QUICK : FULL)) {
    results.push(result);
    for (const line of caseLines(result)) console.log(line);
  }
  await field.close();
  for (const line of goalLines(results)) console.log(line);
  if (!isWritten) return;
  const path = join(import.meta.dirname, 'RESULTS.md');
  const facts = {
    command: `npm run bench -- kernels${isQuick ? ' --quick' : ''} --write`,
    machine,
    load: [loadBefore, load()] as const,
    contenders: field.contenders,
    leftOut: field.leftOut,
  };
  writeFileSync(path, markdown(results, facts) + notesOf(path));
  console.log(`written: ${path}`);
}
