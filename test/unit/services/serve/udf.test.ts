import { describe, expect, test } from 'vitest';
import { barsOf } from '#services/serve/http/udf-bars.ts';
import { aGateway } from '#test/builders/a-gateway.ts';
import { eventually } from '#test/builders/eventually.ts';

describe('bars', () => {
  const points: [number, number][] = [
    [10, 5],
    [11, 7],
    [14, 4],
    [15, 6],
    [25, 9],
  ];
  const all = { seconds: 5, from: 0, to: 100, countback: 0 };

  test('hold first, highest, lowest and last value of their time', () => {
    expect(barsOf(points, all)).toEqual({
      t: [10, 15, 25],
      o: [5, 6, 9],
      h: [7, 6, 9],
      l: [4, 6, 9],
      c: [4, 6, 9],
    });
  });

  test('begin at from, end before to, and reach further back where more are asked for', () => {
    expect(barsOf(points, { ...all, from: 15, to: 25 }).t).toEqual([15]);
    expect(barsOf(points, { ...all, from: 15, countback: 3 }).t).toEqual([10, 15, 25]);
    expect(barsOf(points, { ...all, from: 30 }).t).toEqual([]);
    expect(barsOf([], all).t).toEqual([]);
  });

  test('are whole where what is asked for ends within their time', () => {
    expect(barsOf(points, { ...all, to: 12 })).toEqual({ t: [10], o: [5], h: [7], l: [4], c: [4] });
  });
});

describe('a chart', () => {
  test('finds prices and forecasts as symbols of their own', async () => {
    const { url } = await aGateway(GATEWAY);
    const found = await json(`${url}/udf/search?query=beta&limit=10`);
    expect(found.map((one: { symbol: string }) => one.symbol)).toEqual([
      'sim:BETA',
      'sim:BETA~1',
      'sim:BETA~10',
      'sim:BETA~100',
    ]);
    expect(await json(`${url}/udf/symbols?symbol=sim:BETA~10~0.9`)).toMatchObject({
      ticker: 'sim:BETA~10~0.9',
      type: 'forecast',
      description: 'sim:BETA, 90 % quantile 10 ticks ahead',
      pricescale: 10_000,
    });
  });

  test('names quantiles in whole per cent, or with the decimals that they have', async () => {
    const { url } = await aGateway(GATEWAY);
    const described = async (level: string) =>
      (await json(`${url}/udf/symbols?symbol=sim:BETA~10~${level}`)).description;
    expect(await described('0.55')).toBe('sim:BETA, 55 % quantile 10 ticks ahead');
    expect(await described('0.975')).toBe('sim:BETA, 97.5 % quantile 10 ticks ahead');
  });

  test('finds those of a kind and of a venue', async () => {
    const { url } = await aGateway(GATEWAY);
    const names = async (query: string) =>
      (await json(`${url}/udf/search?query=beta&${query}`)).map(
        (one: { symbol: string }) => one.symbol,
      );
    const { symbols_types } = await json(`${url}/udf/config`);
    const types = symbols_types.map((one: { value: string }) => one.value);
    expect(types).toEqual(['', 'price', 'forecast']);
    expect(await names('type=&exchange=')).toHaveLength(4);
    expect(await names('type=price')).toEqual(['sim:BETA']);
    expect(await names('type=forecast&limit=1')).toEqual(['sim:BETA~1']);
    expect(await names('exchange=sim')).toHaveLength(4);
    expect(await names('exchange=elsewhere')).toEqual([]);
  });

  test('names no venue where the symbol has none', async () => {
    const { url } = await aGateway({ market: { symbols: ['LOAD'] }, steps: 3 });
    expect(await json(`${url}/udf/symbols?symbol=LOAD~1`)).toMatchObject({
      exchange: '',
      listed_exchange: '',
      description: 'LOAD, point forecast 1 tick ahead',
    });
  });

  test('takes a day by both of its names, and lists resolutions from short to long', async () => {
    const { url } = await aGateway(GATEWAY);
    const bars = (day: string) => json(`${url}/udf/history?symbol=sim:ALPHA&resolution=${day}`);
    expect((await bars('D')).t).toHaveLength(1);
    expect(await bars('D')).toEqual(await bars('1D'));
    const { supported_resolutions } = await json(`${url}/udf/config`);
    expect(supported_resolutions).toEqual(['1S', '5S', '15S', '1', '5', '15', '60', '1D']);
  });

  test('is told where the newest bar before an empty stretch lies', async () => {
    const { url } = await aGateway(GATEWAY);
    const of = (query: string) =>
      json(`${url}/udf/history?symbol=sim:ALPHA&resolution=1S&${query}`);
    const { t } = await of('from=0');
    const last = t.at(-1);
    expect(await of(`from=${last + 5}&to=${last + 9}`)).toEqual({ s: 'no_data', nextTime: last });
    expect(await of(`from=${last + 5}&countback=2`)).toMatchObject({ s: 'ok', t: t.slice(-2) });
    expect(await of('from=1&to=2')).toEqual({ s: 'no_data' });
  });

  test('gets the price and its forecasts at the same times, quantiles around the point', async () => {
    const { url } = await aGateway(GATEWAY);
    const of = (name: string) => json(`${url}/udf/history?symbol=${name}&resolution=1S&from=0`);
    const price = await of('sim:ALPHA');
    const [low, point, high] = await Promise.all(
      ['~10~0.1', '~10', '~10~0.9'].map((suffix) => of(`sim:ALPHA${suffix}`)),
    );
    expect(price.s).toBe('ok');
    for (const one of [low, point, high]) expect(one.t).toEqual(price.t);
    price.t.forEach((_time: number, k: number) => {
      expect(low.c[k]).toBeLessThan(point.c[k]);
      expect(high.c[k]).toBeGreaterThan(point.c[k]);
      expect(Math.abs(point.c[k] / price.c[k] - 1)).toBeLessThan(0.01);
    });
  });

  test.each([
    ['/udf/symbols?symbol=sim:NONE', 404],
    ['/udf/symbols?symbol=sim:ALPHA~7', 404],
    ['/udf/symbols', 404],
    ['/udf/history?symbol=sim:ALPHA&resolution=7', 400],
    ['/udf/history?symbol=sim:ALPHA&resolution=1&from=x', 400],
    ['/udf/history?symbol=sim:ALPHA~10~0.33&resolution=1', 200],
  ])('is told of %s with %i', async (path, status) => {
    const { url } = await aGateway(GATEWAY);
    const response = await fetch(`${url}${path}`);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ s: status === 200 ? 'no_data' : 'error' });
  });

  test('marks where another model began to speak, and where one was refused', async () => {
    const { url, market } = await aGateway(GATEWAY);
    await market.step(600);
    const marks = await eventually(async () => {
      const found = await json(`${url}/udf/marks?symbol=sim:ALPHA~10&from=0&to=99999999999`);
      expect(found.id).toEqual([1, 2, 3, 4]);
      return found;
    });
    expect(marks.label).toEqual(['M', 'M', 'M', 'R']);
    expect(marks.text[3]).toMatch(/^model #4 refused: loss/);
    const [, second] = marks.time;
    const one = await json(`${url}/udf/marks?symbol=sim:ALPHA&from=${second}&to=${second}`);
    expect(one.id).toEqual([2]);
    expect((await fetch(`${url}/udf/marks?symbol=sim:NONE`)).status).toBe(404);
    expect((await fetch(`${url}/udf/marks?symbol=sim:ALPHA&to=x`)).status).toBe(400);
  });

  test('knows the time', async () => {
    const { url } = await aGateway(GATEWAY);
    const before = Date.now() / 1_000;
    const text = await (await fetch(`${url}/udf/time`)).text();
    // In whole seconds, by a clock that may differ from this one by a rounding.
    expect(Number(text)).toBeGreaterThanOrEqual(before - 2);
    expect(Number(text)).toBeLessThanOrEqual(Date.now() / 1_000 + 2);
  });
});

/** The market had long enough to be scored. */
const GATEWAY = { steps: 300 };

// biome-ignore lint/suspicious/noExplicitAny: what was received is looked at field by field
async function json(address: string): Promise<any> {
  return (await fetch(address)).json();
}
