import { spread } from '../interleave.ts';
import type { Machine } from '../machine.ts';
import {
  type CaseResult,
  type GoalResult,
  goalResults,
  nsPerSymbolStep,
  OURS,
  ratio,
} from './case-result.ts';
import type { StepCase, TrainingCase } from './lstm-case.ts';

/** What the report says beside the times. */
export interface RunFacts {
  readonly command: string;
  readonly machine: Machine;
  /** Load average before, and after. */
  readonly load: readonly [string, string];
  /** Who took part: name and version. */
  readonly contenders: readonly { readonly name: string; readonly version: string }[];
  /** Who could not, and why. */
  readonly leftOut: readonly string[];
}

/** One case as lines for the terminal. */
export function caseLines(result: CaseResult): readonly string[] {
  const rows = result.timings.map((timing) => {
    const ns = nsPerSymbolStep(result, timing.name) ?? 0;
    const times = ratio(result, timing.name);
    return [
      `  ${timing.name.padEnd(20)}`,
      number(ns).padStart(9),
      (times === null ? '' : `${number(times)}x`).padStart(9),
      `+${Math.round(spread(timing) * 100)} %`.padStart(8),
    ].join('');
  });
  return [
    `${caseName(result.of).padEnd(22)}  ns/step  of ours  spread`,
    ...rows,
    ...result.refused.map(({ name, why }) => `  ${name}: refused, ${why}`),
  ];
}

export function goalLines(results: readonly CaseResult[]): readonly string[] {
  return results.flatMap((result) =>
    goalResults(result).map(
      (found) =>
        `${caseName(result.of)}: ${verdict(found)} (${found.peer} ${number(found.ratio)}x)`,
    ),
  );
}

/** RESULTS.md, whole. */
export function markdown(results: readonly CaseResult[], facts: RunFacts): string {
  const { machine, load } = facts;
  const names = facts.contenders.map(({ name }) => name);
  const part = (kind: 'step' | 'training'): readonly CaseResult[] =>
    results.filter(({ of }) => of.kind === kind);
  const lines = [
    '# Results of the benchmarks',
    '',
    `Written by \`${facts.command}\`; how to read it: [README.md](README.md).`,
    '',
    `- Date ${machine.date}, commit ${machine.commit}`,
    `- ${machine.processor}, ${machine.cores} cores, Node ${machine.node}`,
    `- Load average ${load[0]} before and ${load[1]} after the run`,
    ...facts.contenders.map(({ name, version }) => `- ${name}: ${version}`),
    ...facts.leftOut.map((line) => `- Left out: ${line}`),
    '',
    '## One LSTM step (I = 8): ns per symbol, and how many times longer than `ours wasm`',
    '',
    ...table(part('step'), names),
    '',
    '## Training (window 64, 32 windows, so an update is 2,048 symbol-steps): ns per symbol-step, and how many times longer than `ours wasm`',
    '',
    ...table(part('training'), names),
    '',
    '## Goals',
    '',
    'Time of the fastest of the peers named / time of `ours wasm`. The goals were set on a machine with AVX2 and without AVX-512.',
    '',
    '| case | peer | goal | found | |',
    '|---|---|---|---|---|',
    ...results.flatMap((result) => goalResults(result).map((found) => goalRow(result, found))),
    '',
  ];
  return lines.join('\n');
}

function table(results: readonly CaseResult[], names: readonly string[]): readonly string[] {
  const shown = names.filter((name) =>
    results.some((result) => result.timings.some((timing) => timing.name === name)),
  );
  return [
    `| H, B | ${shown.join(' | ')} | spread |`,
    `|${'---|'.repeat(shown.length + 2)}`,
    ...results.map((result) => {
      const cells = shown.map((name) => cell(result, name));
      const { hiddenSize, batch } = result.of;
      return `| ${hiddenSize}, ${batch} | ${cells.join(' | ')} | ${spreads(result)} |`;
    }),
    ...results.flatMap(({ of, refused }) =>
      refused.map(({ name, why }) => `\n${caseName(of)}: ${name} was refused: ${why}`),
    ),
  ];
}

function cell(result: CaseResult, name: string): string {
  const ns = nsPerSymbolStep(result, name);
  if (ns === null) return '-';
  const times = ratio(result, name);
  return times === null || name === OURS ? number(ns) : `${number(ns)} (${number(times)}x)`;
}

/** Spread of ours, and the largest of all. */
function spreads({ timings }: CaseResult): string {
  const ours = timings.find(({ name }) => name === OURS);
  const largest = timings.reduce((a, b) => (spread(b) > spread(a) ? b : a));
  const own = ours === undefined ? '-' : percent(spread(ours));
  return `${own}; ${largest.name} ${percent(spread(largest))}`;
}

function goalRow({ of }: CaseResult, found: GoalResult): string {
  const { goal, peer, ratio } = found;
  return `| ${caseName(of)} | ${peer} | ${goal.least}x | ${number(ratio)}x | ${verdict(found)} |`;
}

function verdict({ goal, ratio }: GoalResult): string {
  const share = ratio / goal.least - 1;
  return share >= 0 ? `met, ${percent(share)} above` : `missed by ${percent(-share)}`;
}

export function caseName(of: StepCase | TrainingCase): string {
  const what = of.kind === 'step' ? 'step' : `training T=${of.steps}`;
  return `${what} H=${of.hiddenSize} B=${of.batch}`;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** Three digits. */
function number(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
