import { PARTS } from './parts.ts';
import { runTicks, type TicksCase, type TicksResult } from './ticks-case.ts';

/** Numbers of the reference prototype, per horizon: skill vs EWMA-Gaussian, vs the best of three, coverage error, MAE / last value. */
const BESIDE: Readonly<Record<string, readonly string[]>> = {
  trades: ['.342, .077, .014, 1.001', '.254, .233, .004, .811', '.037, .031, .029, .982'],
  'bare-trades': ['.332, -, -, -', '.208, -, -, -', '-.072, -, -, -'],
  quotes: ['.545, .054, .016, 1.009', '.270, .068, .001, 1.023', '.094, .057, .008, .963'],
};

interface TicksReport {
  readonly datasets: string;
  readonly cases: readonly TicksCase[];
  readonly seed: number;
}

/** Lines of the table of all cases, as they come. */
export async function* ticksLines({ datasets, cases, seed }: TicksReport): AsyncGenerator<string> {
  yield '| events | horizon | skill vs EWMA-Gaussian | vs best of three | coverage error | MAE / last value | prototype (the same four) | seconds |';
  yield '|---|---|---|---|---|---|---|---|';
  for (const one of cases) {
    const { results, seconds } = await runTicks(datasets, one, { seed, environment: {} });
    for (const [k, result] of results.entries()) {
      const { skillEwmaGaussian, skillBestOfThree, coverageError, maeRatio } = result;
      const scores = [skillEwmaGaussian, skillBestOfThree, coverageError, maeRatio];
      const cells = [one.name, `${result.horizon}`, ...scores.map((score) => score.toFixed(3))];
      const beside = BESIDE[one.name]?.[k] ?? '-';
      yield `| ${[...cells, beside, k === 0 ? seconds.toFixed(0) : ''].join(' | ')} |`;
    }
  }
}

/** Lines of the table in which each part is left out in turn, after a row with all of them. */
export async function* withoutLines({
  datasets,
  cases,
  seed,
}: TicksReport): AsyncGenerator<string> {
  yield '| events | without | skill vs EWMA-Gaussian at each horizon (coverage error) |';
  yield '|---|---|---|';
  for (const one of cases) {
    for (const [part, environment] of Object.entries({ '-': {}, ...PARTS })) {
      const { results } = await runTicks(datasets, one, { seed, environment });
      yield `| ${one.name} | ${part} | ${results.map(skillAndCoverage).join(', ')} |`;
    }
  }
}

function skillAndCoverage({ skillEwmaGaussian, coverageError }: TicksResult): string {
  return `${skillEwmaGaussian.toFixed(3)} (${coverageError.toFixed(3)})`;
}
