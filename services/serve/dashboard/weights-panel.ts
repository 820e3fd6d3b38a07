import type { WireForecast } from '#shared/wire/message.ts';
import { colours } from './colours.ts';
import { byId, element, fill, setText } from './element.ts';
import { decimal, plainPercent, ticks } from './number-text.ts';
import type { Outlook } from './outlook.ts';
import { MOST_ROWS } from './skill-panel.ts';
import { TrendChart, type TrendLine } from './trend-chart.ts';

/** Who speaks in the forecast: what each expert counts, by horizon, and over time for one horizon. */
export class WeightsPanel {
  readonly #trend: TrendChart;
  readonly #profile: TrendChart;

  constructor() {
    const look = { isStacked: true, yText: (y: number) => plainPercent(y, 0) };
    this.#trend = new TrendChart(byId('weights-trend'), look);
    this.#profile = new TrendChart(byId('weights-profile'), { ...look, hasLegend: false });
  }

  show({ latest, forecasts }: Outlook, horizonTicks: number): void {
    const { experts, horizons } = latest;
    const isKnown = experts.length > 0 && horizons.some(({ weights }) => weights.length > 0);
    byId('weights-empty').hidden = isKnown;
    setText(byId('weights-empty'), 'The forecasts do not say who speaks in them.');
    byId('weights-figures').hidden = !isKnown;
    if (!isKnown) return;
    const lines = experts.map((name, k): TrendLine => ({ name, colour: () => expertColour(k) }));
    this.#showTrend(lines, latest, [...forecasts.values()], horizonTicks);
    const isLong = horizons.length > MOST_ROWS;
    byId('weights-profile').hidden = !isLong;
    byId('weights-rows').hidden = isLong;
    if (!isLong) {
      fill(byId('weights-rows'), horizons, makeRow, (row, { horizonTicks: h, weights }) =>
        updateRow(row, h, experts, weights),
      );
      return;
    }
    this.#profile.show({
      lines,
      xs: horizons.map((one) => one.horizonTicks),
      ys: experts.map((_, k) => horizons.map(({ weights }) => weights[k] ?? 0)),
      xText: (x) => `+${decimal(x, 0)}`,
      label: `Weights of ${experts.join(', ')} by horizon`,
    });
  }

  #showTrend(
    lines: readonly TrendLine[],
    latest: WireForecast,
    forecasts: readonly WireForecast[],
    horizonTicks: number,
  ): void {
    const at = latest.horizons.findIndex((one) => one.horizonTicks === horizonTicks);
    const same = forecasts.filter(({ experts }) => experts.join() === latest.experts.join());
    this.#trend.show({
      lines,
      xs: same.map(({ origin }) => origin - latest.origin),
      ys: lines.map((_, k) => same.map(({ horizons }) => horizons[at]?.weights[k] ?? 0)),
      xText: (x) => (x === 0 ? 'now' : decimal(x, 0)),
      label: `Weights ${ticks(horizonTicks)} ahead over time: now ${describe(latest, at)}`,
    });
  }
}

function describe({ experts, horizons }: WireForecast, at: number): string {
  return experts
    .map((name, k) => `${name} ${plainPercent(horizons[at]?.weights[k] ?? 0, 0)}`)
    .join(', ');
}

export function expertColour(k: number): string {
  const { experts } = colours();
  return experts[Math.min(k, experts.length - 1)];
}

function makeRow(): HTMLElement {
  const row = element('div', 'weights-row');
  row.append(element('span', 'horizon-name'), element('span', 'weights-bar'));
  return row;
}

function updateRow(
  row: HTMLElement,
  horizonTicks: number,
  experts: readonly string[],
  weights: readonly number[],
): void {
  const [name, bar] = row.children;
  setText(name, ticks(horizonTicks));
  const words = experts.map((expert, k) => `${expert} ${plainPercent(weights[k] ?? 0, 0)}`);
  bar.setAttribute('role', 'img');
  bar.setAttribute('aria-label', words.join(', '));
  fill(
    bar,
    experts,
    () => element('i'),
    (part, _expert, k) => {
      part.style.setProperty('flex-grow', `${weights[k] ?? 0}`);
      part.style.setProperty('background', expertColour(k));
      part.title = words[k];
      setText(part, (weights[k] ?? 0) >= 0.15 ? plainPercent(weights[k], 0) : '');
    },
  );
}
