import type { Diagnosis, Examined } from './diagnosis.ts';
import type { Fact } from './facts.ts';
import type { Measured, PartReach } from './measured.ts';

const NAME_WIDTH = 26;

/** A diagnosis as lines for a person. */
export function reportText(diagnosis: Diagnosis): string {
  const { lag, updates, cells, facts } = diagnosis;
  const lags = [...new Set([1, Math.round(lag / 4), Math.round(lag / 2), lag])];
  return [
    `Remember one of four symbols over ${lag} steps among distractors; ${sizesOf(diagnosis)}.`,
    '',
    'Before training: |dL/ds(t-k)| / |dL/ds(t)|, s = the whole state, L = the loss of the last step',
    ...measuredLines(cells, 'before', lags),
    '',
    `After ${updates} updates (AdamW, full back-propagation through time):`,
    ...measuredLines(cells, 'after', lags),
    '',
    ...trainingLines(cells),
    '',
    ...partLines(cells, Math.round(lag / 2)),
    '',
    'What the textbook says of the untrained cells:',
    ...facts.map(factLine),
  ].join('\n');
}

function measuredLines(
  cells: readonly Examined[],
  moment: 'before' | 'after',
  lags: readonly number[],
): string[] {
  const heads = [...lags.map((k) => `k=${k}`), 'radius', 'forget median', 'longest'];
  return [
    row('', heads),
    ...cells.map((one) => {
      const { reach, spectralRadius, forgetSteps }: Measured = one[moment];
      return row(one.name, [
        ...lags.map((k) => small(reach[k])),
        Number.isFinite(spectralRadius) ? spectralRadius.toFixed(3) : '-',
        forgetSteps === null ? '-' : steps(forgetSteps.median),
        forgetSteps === null ? '-' : steps(forgetSteps.largest),
      ]);
    }),
  ];
}

function trainingLines(cells: readonly Examined[]): string[] {
  return [
    row('', ['right', 'largest |g|', 'updates', 'clipped', 'not finite']),
    ...cells.map(({ name, after, training }) =>
      row(name, [
        `${(100 * after.accuracy).toFixed(0)} %`,
        small(training.largestGradientNorm),
        `${training.updates}`,
        `${training.clippedUpdates}`,
        `${training.skippedUpdates}`,
      ]),
    ),
  ];
}

function partLines(cells: readonly Examined[], k: number): string[] {
  const at = (parts: readonly PartReach[]): string =>
    parts.map(({ part, ratios }) => `${part} ${small(ratios[k])}`).join(', ');
  return [
    `At k=${k} before training, by layer: |dL/dh| and |dL/dc| over |dL/ds(t)|; |dL/da| over |dL/da(t)|, a = a gate before its activation`,
    ...cells.map(
      ({ name, before: { reachOfParts, reachOfGates } }) =>
        `  ${name.padEnd(NAME_WIDTH)}${at(reachOfParts)}; ${at(reachOfGates)}`,
    ),
  ];
}

/** How large the networks were, in words. */
export function sizesOf({ hiddenSize, layers, seed }: Diagnosis): string {
  return `${layers === 1 ? '' : `${layers} layers of `}${hiddenSize} hidden units, seed ${seed}`;
}

function factLine({ cell, says, seen, holds }: Fact): string {
  const found = seen === null || !Number.isFinite(seen) ? 'none' : shortest(seen);
  return `  ${holds ? 'yes' : 'NO '}  ${cell} ${says} ${found}`;
}

function row(name: string, values: readonly string[]): string {
  return `  ${name.padEnd(NAME_WIDTH)}${values.map((value) => value.padStart(14)).join('')}`;
}

function small(value: number): string {
  return Number.isFinite(value) ? value.toExponential(1) : '-';
}

function shortest(value: number): string {
  return value < 1e6 && Number.isInteger(value) ? `${value}` : value.toExponential(1);
}

function steps(value: number): string {
  return value < 10_000 ? `${value.toFixed(1)} steps` : `${value.toExponential(1)} steps`;
}
