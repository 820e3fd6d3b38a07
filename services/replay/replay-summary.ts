import { grouped } from './progress-line.ts';
import type { HorizonSkill, ScoreTable } from './score-table.ts';

/** Folding of this start alone: ticks that it folded, and how long it took with training. */
export interface FoldSummary {
  readonly ticksFolded: number;
  readonly foldSeconds: number;
  readonly ticksPerSecond: number;
}

/** What a replay came to; `--json` prints it as it is. */
export interface ReplaySummary extends FoldSummary {
  readonly id: string;
  readonly digest: string;
  /** Of what the fold remembers at the end. */
  readonly stateDigest: string;
  readonly isResumed: boolean;
  readonly tickCount: number;
  readonly forecastCount: number;
  readonly warmingCount: number;
  readonly rejects: Readonly<Record<string, number>>;
  readonly switchCount: number;
  readonly refusedCount: number;
  readonly modelShas: readonly string[];
  readonly scores: ScoreTable;
  readonly output: string | null;
  readonly rowCount: number;
  readonly manifest: string | null;
  /** The work folder, where it was kept. */
  readonly workFolder: string | null;
}

/** The summary as lines for a person. */
export function summaryText(summary: ReplaySummary): string {
  return [
    ...scoreLines(summary.scores),
    totalsLine(summary),
    ...rejectLines(summary),
    ...fileLines(summary),
    `digest ${summary.digest}`,
    `state digest ${summary.stateDigest}`,
  ].join('\n');
}

function totalsLine(summary: ReplaySummary): string {
  const { tickCount, forecastCount, warmingCount, switchCount, refusedCount } = summary;
  const warming = warmingCount === 0 ? '' : ` (${grouped(warmingCount)} while warming up)`;
  return [
    `${grouped(tickCount)} ticks`,
    `${grouped(forecastCount)} forecasts${warming}`,
    `${grouped(switchCount)} retrains${refusedCount === 0 ? '' : ` and ${grouped(refusedCount)} refused`}`,
    `${grouped(Math.round(summary.ticksPerSecond))} ticks/s over ${summary.foldSeconds.toFixed(1)} s`,
  ].join(', ');
}

function rejectLines({ rejects }: ReplaySummary): readonly string[] {
  const counts = Object.entries(rejects).map(([reason, count]) => `${count} ${reason}`);
  return counts.length === 0 ? [] : [`rejected: ${counts.join(', ')}`];
}

function fileLines({ output, rowCount, manifest, workFolder }: ReplaySummary): readonly string[] {
  return [
    ...(output === null ? [] : [`${grouped(rowCount)} rows in ${output}, manifest ${manifest}`]),
    ...(workFolder === null ? [] : [`work folder kept: ${workFolder}`]),
  ];
}

function scoreLines({ mean, symbols }: ScoreTable): readonly string[] {
  if (mean.length === 0) return ['no forecast was scored'];
  const plural = symbols.length === 1 ? 'symbol' : 'symbols';
  return [
    `CRPS skill and coverage, mean over ${symbols.length} ${plural}:`,
    '  horizon    scored   vs EWMA-Gaussian   vs last value   in 50 %   in 80 %   in 95 %',
    ...mean.map(scoreLine),
  ];
}

function scoreLine(one: HorizonSkill): string {
  const [half, most, nearlyAll] = one.coverage ?? [null, null, null];
  return [
    String(one.horizonTicks).padStart(9),
    grouped(one.count).padStart(10),
    signed(one.skillEwmaGaussian).padStart(19),
    signed(one.skillLastValue).padStart(16),
    ...[half, most, nearlyAll].map((share) => percent(share).padStart(10)),
  ].join('');
}

function signed(skill: number | null): string {
  if (skill === null) return '-';
  return `${skill >= 0 ? '+' : ''}${skill.toFixed(4)}`;
}

function percent(share: number | null): string {
  return share === null ? '-' : `${(100 * share).toFixed(1)} %`;
}
