import { type MarketCoverage, runMarket } from './market-case.ts';
import type { MarketCase } from './market-cases.ts';

/** Lines of the table of the simulated market, as they come. */
export async function* marketLines(
  cases: readonly MarketCase[],
  seed: number,
): AsyncGenerator<string> {
  yield '| market | horizon | CRPS / that of the true law | coverage of 50 / 80 / 95 %, expected under the law | largest error of a symbol, mean | coverage on what came | largest error of a symbol, mean | seconds |';
  yield '|---|---|---|---|---|---|---|---|';
  for (const { name, options } of cases) {
    const { results, seconds } = await runMarket({ ...options, seed });
    for (const { horizon, excess, own, oracle } of results) {
      const ofLaw = [name, `${horizon}, the law itself`, '1', ...cellsOf(oracle), ''];
      const ofOwn = [name, `${horizon}`, (1 + excess).toFixed(3), ...cellsOf(own)];
      yield `| ${[...ofOwn, seconds.toFixed(0)].join(' | ')} |`;
      yield `| ${ofLaw.join(' | ')} |`;
    }
  }
}

function cellsOf({ expected, came, worst }: MarketCoverage): readonly string[] {
  const shares = (covered: readonly number[]) =>
    covered.map((share) => share.toFixed(3)).join(' / ');
  return [shares(expected), worst.expected.toFixed(3), shares(came), worst.came.toFixed(3)];
}
