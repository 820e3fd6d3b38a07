import { type MarketCoverage, runMarket } from './market-case.ts';
import type { MarketCase } from './market-cases.ts';

/** Lines of the table of the simulated market, as they come. */
export async function* marketLines(
  cases: readonly MarketCase[],
  seed: number,
): AsyncGenerator<string> {
  yield '| market | horizon | CRPS / that of the true law | expected coverage of 50 / 80 / 95 % | largest error of a symbol, mean | on what came | of a symbol | the law itself on what came | of a symbol | seconds |';
  yield `|${'---|'.repeat(10)}`;
  for (const { name, options } of cases) {
    const { results, seconds } = await runMarket({ ...options, seed });
    for (const { horizon, excess, expected, came, oracleCame } of results) {
      const covered = [expected, came, oracleCame].flatMap(cellsOf);
      const cells = [name, `${horizon}`, (1 + excess).toFixed(3), ...covered, seconds.toFixed(0)];
      yield `| ${cells.join(' | ')} |`;
    }
  }
}

function cellsOf({ shares, worst }: MarketCoverage): readonly string[] {
  return [shares.map((share) => share.toFixed(3)).join(' / '), worst.toFixed(3)];
}
