import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { INPUT_SIZE } from '#shared/features/feature-vector.ts';
import { TICK_EXPERTS } from '#shared/forecast/experts/tick-experts.ts';
import { SERIES_LEVELS, TICK_LEVELS } from '#shared/forecast/quantile-levels.ts';
import { SERIES_EXPERTS } from '#shared/forecast/series/series-experts.ts';
import { stateLines } from '#test/bench/fold/state-size.ts';

// What a page quotes is what the command wrote that the page names. After a run with --write these tests name the quotes that
// are stale, with what stands in the results now.

const ROOT = join(import.meta.dirname, '../../..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const model = read('docs/model.md');
const accuracy = read('test/bench/RESULTS-accuracy.md');
const fold = read('test/bench/RESULTS-fold.md');
const network = read('test/bench/RESULTS-network.md');

/** Cells of the rows below a table's head, found by the beginning of that head. */
function rowsOf(page: string, head: string): string[][] {
  const lines = `${page}\n`.split('\n');
  const at = lines.findIndex((line) => line.startsWith(head));
  expect(at, `a table that begins with "${head}"`).toBeGreaterThan(-1);
  const end = lines.findIndex((line, k) => k > at && !line.startsWith('|'));
  return lines.slice(at + 2, end).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

const numbersOf = (text: string): string[] => text.match(/-?\d*\.?\d+/g) ?? [];

/** Whether every number of the quote is the other's, rounded to the quote's digits; what is not counts as a stale quote. */
function staleNumbers(quote: string, result: string): string[] {
  const [quoted, found] = [numbersOf(quote), numbersOf(result)];
  expect(quoted.length, `as many numbers in "${quote}" as in "${result}"`).toBe(found.length);
  return quoted.flatMap((number, k) => {
    const digits = number.split('.')[1]?.length ?? 0;
    const isNear = Math.abs(Number(number) - Number(found[k])) <= 0.500001 * 10 ** -digits;
    return isNear ? [] : [`${number}, now ${found[k]}`];
  });
}

describe('docs/model.md says what RESULTS-accuracy.md says', () => {
  const NAMES: Readonly<Record<string, string>> = {
    'trades without best bid and ask': 'bare-trades',
    'calm and hectic times': 'market',
    'calm only': 'market-calm',
    "ETTm1, FSNet's split": 'ETTm1-fsnet',
  };
  const nameOf = (quoted: string): string => NAMES[quoted] ?? quoted;

  test('of ticks, the prototype beside them included', () => {
    const results = new Map(
      rowsOf(accuracy, '| events | horizon |').map(([events, horizon, ...cells]) => {
        const [skill, best, coverage, mae, prototype] = cells;
        const [skill2, best2, coverage2, mae2] = prototype.replace(/\(.*\)/, '').split(', ');
        const pairs = [skill, skill2, best, best2, coverage, coverage2, mae, mae2];
        return [`${events} ${horizon}`, pairs.join(' | ')];
      }),
    );
    const quotes = rowsOf(model, '| | horizon | skill vs EWMA-Gaussian |');
    expect(quotes).toHaveLength(results.size);
    for (const [events, horizon, ...cells] of quotes) {
      const name = `${nameOf(events)} ${horizon}`;
      expect(staleNumbers(cells.join(' | '), `${results.get(name)}`), name).toEqual([]);
    }
  });

  test('of the seeds: the first is that of the table, means are those of the three', () => {
    const [, skills] = /Seeds 1, 2 and 3 on trades: skill ([^;]*)/.exec(model) ?? [];
    const quotes = numbersOf(`${skills}`.replace(/ at \d+/g, ''));
    const ticks = rowsOf(accuracy, '| events | horizon |').filter(
      ([events]) => events === 'trades',
    );
    const [, others] = /Seeds 2 and 3[^:]*: trades ([^;]*)/.exec(accuracy) ?? [];
    const [second, third] = `${others}`.split(' and ').map(numbersOf);
    ticks.forEach(([, , skill], k) => {
      const seeds = [skill, second[k], third[k]];
      const mean = seeds.reduce((sum, one) => sum + Number(one), 0) / 3;
      const found = [...seeds, `${mean}`].join(' ');
      expect(staleNumbers(quotes.slice(4 * k, 4 * k + 4).join(' '), found)).toEqual([]);
    });
  });

  test('of all parts together, before any is left out', () => {
    const [, all] = rowsOf(model, '| | trades |')[0];
    const ticks = rowsOf(accuracy, '| events | horizon |').filter(
      ([events]) => events === 'trades',
    );
    const found = ticks.flatMap(([, , skill, , coverage]) => [skill, coverage]).join(' ');
    expect(staleNumbers(all, found)).toEqual([]);
  });

  test("of the product's own baseline what the README says, and of the prototype's what the table says", () => {
    const own = rowsOf(read('README.md'), '| horizon | forecasts scored |')[0][2].slice(2);
    const other = rowsOf(model, '| | horizon | skill vs EWMA-Gaussian |')[0][2];
    expect(model).toContain(`(${own} there instead of ${other})`);
  });

  test('of the simulated market', () => {
    const results = new Map(
      rowsOf(accuracy, '| market | horizon |').map(([name, horizon, ...cells]) => [
        `${name} ${horizon}`,
        [...cells.slice(0, 3), cells[6]].join(' | '),
      ]),
    );
    const quotes = rowsOf(model, '| market | horizon |');
    expect(quotes).toHaveLength(results.size);
    for (const [market, horizon, ...cells] of quotes) {
      const [times, ...length] = market.split(', ');
      const name = `${[nameOf(times), ...length].join(', ')} ${horizon}`;
      expect(staleNumbers(cells.join(' | '), `${results.get(name)}`), name).toEqual([]);
    }
  });

  const series = new Map(
    rowsOf(accuracy, '| set | MSE at H = 1 / 24 / 48 |').map(([name, ...cells]) => [name, cells]),
  );

  test('of regular series', () => {
    const quotes = rowsOf(model, '| set | H = 1 |');
    expect(quotes).toHaveLength(series.size);
    for (const [set, ...cells] of quotes) {
      const [mse, mae, , prototype, published] = series.get(nameOf(set)) ?? [];
      const pairs = cells.slice(0, 3).map((cell) => cell.split(' / '));
      expect(staleNumbers(pairs.map(([one]) => one).join(' '), `${mse}`), set).toEqual([]);
      expect(staleNumbers(pairs.map(([, one]) => one).join(' '), `${mae}`), set).toEqual([]);
      expect(staleNumbers(cells[3], `${prototype}`), set).toEqual([]);
      expect(staleNumbers(cells[4], `${published}`), set).toEqual([]);
    }
  });

  test.each([
    ['ETTh2', 'ETTh2'],
    ['ETTm1', 'ETTm1'],
    ['its other split', 'ETTm1-fsnet'],
    ['Exchange', 'Exchange'],
  ])('of the coverage on %s', (quoted, set) => {
    const quote = new RegExp(`(\\.\\d+, \\.\\d+, \\.\\d+) on ${quoted}`).exec(model)?.[1];
    expect(staleNumbers(`${quote}`, `${series.get(set)?.[2]}`)).toEqual([]);
  });
});

test('docs/model.md says where the time of a row goes as RESULTS-fold.md does', () => {
  const parts = new Map(
    rowsOf(fold, '| | series: ns per tick |').map(([part, ...rest]) => [part, rest]),
  );
  const shareOf = (part: string): number => Number.parseInt(`${parts.get(part)?.[1]}`, 10);
  const whole = Number(parts.get('**whole**')?.[0]) / 1_000;
  expect(model).toContain(`A row of one symbol takes ${Math.round(whole)} us in the fold`);
  for (const [quoted, share] of [
    ['ridges', shareOf('ridges')],
    ['mix', shareOf('mix')],
    ['scores', shareOf('score')],
    ['encoding', shareOf('encode')],
    ['network', shareOf('cell') + shareOf('head')],
    ['intervals', shareOf('intervals')],
  ] as const) {
    expect(model.replaceAll('\n', ' ')).toContain(`${quoted} ${share} %`);
  }
});

test('docs/model.md says how large the state of a symbol is', () => {
  const bytes = new Map(rowsOf(stateLines().join('\n'), '| settings |') as [string, string][]);
  const kilobytes = (settings: string, digits = 0): string =>
    (Number(`${bytes.get(settings)}`.replaceAll(',', '')) / 1_000).toFixed(digits);
  const series = (season: number, horizons = '1..48') =>
    kilobytes(`series, season ${season}, horizons ${horizons}`);
  expect(model).toContain(
    `${series(5)} KB at a season of 5, ${series(24)} KB at 24, ${series(96)} KB at 96`,
  );
  expect(model).toContain(`a season of 24 it is ${series(24, '1,24,48')} KB`);
  const [one, three] = ['1', '1,10,100'].map((set) => kilobytes(`ticks, horizons ${set}`, 1));
  const four = kilobytes('ticks, horizons 1,10,100,1000');
  expect(model).toContain(
    `${one} KB with horizon 1, ${three} KB with 1, 10 and 100, ${four} KB with 1,000`,
  );
});

test('docs/kernels.md says what RESULTS-network.md says', () => {
  const kernels = read('docs/kernels.md').replaceAll('\n', ' ');
  const rows = new Map(
    rowsOf(network, '| | reference |').map(([what, , wasm, fused]) => [
      what,
      [wasm, fused].map((cell) => Math.round(Number(/\(([\d.]+)x\)/.exec(cell)?.[1]))),
    ]),
  );
  const step = rows.get('step, H 16') ?? [];
  const training = rows.get('train 16 x 64, H 16') ?? [];
  expect(network).toContain(`${INPUT_SIZE} inputs`);
  expect(kernels).toContain(`default sizes (${INPUT_SIZE} inputs,`);
  expect(kernels).toContain(`is ${step[0]} times as fast on \`wasm\` as on \`reference\``);
  expect(kernels).toContain(`and ${step[1]} times on \`wasm-fma\``);
  expect(kernels).toContain(`16 windows of 64 steps, ${training.join(' and ')} times`);
});

test('the pages count inputs, quantiles and experts as the code has them', () => {
  expect(read('README.md')).toContain(`update ${INPUT_SIZE} causal features`);
  expect(read('README.md')).toContain(`mix its ${TICK_LEVELS.length} quantiles`);
  expect(model).toContain(`${INPUT_SIZE} causal numbers`);
  expect(model).toContain(`give ${TICK_LEVELS.length} quantiles per horizon`);
  expect(read('docs/life-of-a-tick.md')).toContain(`into ${INPUT_SIZE} numbers`);
  expect([TICK_EXPERTS.length, SERIES_LEVELS.length, SERIES_EXPERTS.length]).toEqual([3, 9, 7]);
  expect(read('README.md')).toContain('two plain experts');
  expect(model).toContain('each of the three has a weight');
  expect(model).toContain('per horizon nine numbers');
  expect(read('README.md')).toContain('seven experts');
});
