import type { HealthMessage } from '#shared/wire/message.ts';
import type { ArrivalAge } from './arrival-ages.ts';
import { colours } from './colours.ts';
import { byId, element, fill, setText } from './element.ts';
import { factsOf } from './health-facts.ts';
import { decimal, plainPercent } from './number-text.ts';
import { TrendChart } from './trend-chart.ts';

/** How the feed and the gateway are, now and over the last minutes. */
export class HealthPanel {
  readonly #rates: TrendChart;
  readonly #latency: TrendChart;

  constructor() {
    const yText = (y: number) => decimal(y, Number.isInteger(y) || y >= 10 ? 0 : 1);
    this.#rates = new TrendChart(byId('rate-trend'), { levels: [0], yText });
    this.#latency = new TrendChart(byId('latency-trend'), { levels: [0], yText });
  }

  show(healths: readonly HealthMessage[], arrival: ArrivalAge | null): void {
    const newest = healths.at(-1);
    byId('health-empty').hidden = newest !== undefined;
    byId('health-figures').hidden = newest === undefined;
    if (newest === undefined) return;
    fill(byId('health'), factsOf(newest, arrival), makeFact, (row, fact) => {
      const [name, value] = row.children;
      setText(name, fact.name);
      setText(value, fact.value);
      row.dataset['bad'] = `${fact.isBad}`;
    });
    const xs = healths.map(({ sentMs }) => (sentMs - newest.sentMs) / 1_000);
    const xText = (x: number) => (x === 0 ? 'now' : `${decimal(x, 0)} s`);
    this.#rates.show({
      ...{ xs, xText },
      lines: [
        { name: 'ticks/s', colour: () => colours().fan },
        { name: 'forecasts/s', colour: () => colours().second, dash: [4, 3] },
      ],
      ys: [healths.map((one) => one.ticksPerSecond), healths.map((one) => one.forecastsPerSecond)],
      label: `Ticks and forecasts per second: now ${decimal(newest.ticksPerSecond, 0)} and ${decimal(newest.forecastsPerSecond, 0)}`,
    });
    const latencies = healths.map(({ tickToForecastMs }) => tickToForecastMs);
    this.#latency.show({
      ...{ xs, xText },
      lines: [
        { name: 'median ms', colour: () => colours().fan },
        { name: `${plainPercent(0.99, 0)} ms`, colour: () => colours().second, dash: [4, 3] },
      ],
      ys: [latencies.map((one) => one?.p50 ?? null), latencies.map((one) => one?.p99 ?? null)],
      label: `Milliseconds from a tick to its forecast: median ${newest.tickToForecastMs?.p50 ?? '–'}, ${plainPercent(0.99, 0)} ${newest.tickToForecastMs?.p99 ?? '–'}`,
    });
  }
}

function makeFact(): HTMLElement {
  const row = element('div', 'health-row');
  row.append(element('dt'), element('dd', 'number'));
  return row;
}
