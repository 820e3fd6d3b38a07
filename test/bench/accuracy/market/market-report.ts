import { runMarket } from './market-case.ts';
import type { MarketCase } from './market-cases.ts';

/** Lines of the table of the simulated market, as they come. */
export async function* marketLines(
  cases: readonly MarketCase[],
  seed: number,
): AsyncGenerator<string> {
  yield '| market | horizon | CRPS / that of the true law | coverage of 50 / 80 / 95 % | largest coverage error of a symbol, mean | seconds |';
  yield '|---|---|---|---|---|---|';
  for (const { name, options } of cases) {
    const { results, seconds } = await runMarket({ ...options, seed });
    for (const { horizon, excess, coverages, worstCoverageError } of results) {
      const covered = coverages.map((share) => share.toFixed(3)).join(' / ');
      const cells = [name, `${horizon}`, (1 + excess).toFixed(3), covered];
      yield `| ${[...cells, worstCoverageError.toFixed(3), seconds.toFixed(0)].join(' | ')} |`;
    }
  }
}
