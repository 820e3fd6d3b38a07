import type { WireHorizonScore, WireScore } from '#shared/wire/message.ts';
import { colours } from './colours.ts';
import { byId, element, fill, setText } from './element.ts';
import { decimal, percent, ticks, tone } from './number-text.ts';
import { TrendChart } from './trend-chart.ts';

/** Ticks of a symbol per point of a trail: one score record. */
const TICKS_PER_POINT = 50;
/** More horizons than these are lines over the horizon, not rows. */
export const MOST_ROWS = 6;

/** Rolling skill: above zero the forecast beats the baseline. Over time for one horizon, and the newest of each. */
export class SkillPanel {
  readonly #trend: TrendChart;
  readonly #profile: TrendChart;

  constructor() {
    const look = {
      levels: [0],
      yText: (y: number) => percent(y, 0),
      valueText: (y: number) => percent(y),
    };
    this.#trend = new TrendChart(byId('skill-trend'), look);
    this.#profile = new TrendChart(byId('skill-profile'), look);
  }

  show(score: WireScore | null, horizonTicks: number, isWarming: boolean): void {
    const why = isWarming ? 'Warming up: forecasts are not yet scored.' : 'No scores yet.';
    byId('skill-empty').hidden = score !== null;
    byId('skill-figures').hidden = score === null;
    setText(byId('skill-empty'), why);
    if (score === null) return;
    const { horizons } = score;
    const chosen = horizons.find((one) => one.horizonTicks === horizonTicks);
    if (chosen !== undefined) this.#showTrend(chosen);
    byId('skill-profile').hidden = horizons.length <= MOST_ROWS;
    byId('skill-table').hidden = horizons.length > MOST_ROWS;
    if (horizons.length > MOST_ROWS) this.#showProfile(horizons);
    else fill(byId('skill-rows'), horizons, makeRow, updateRow);
  }

  #showTrend({ trail, horizonTicks, skillEwmaGaussian }: WireHorizonScore): void {
    // One point is no line, and the table says the number.
    byId('skill-trend').hidden = trail.length < 2;
    if (trail.length < 2) return;
    const last = trail.length - 1;
    this.#trend.show({
      lines: [{ name: `${ticks(horizonTicks)}, on EWMA-Gaussian`, colour: () => colours().fan }],
      xs: trail.map((_, k) => (k - last) * TICKS_PER_POINT),
      ys: [trail],
      xText: (x) => (x === 0 ? 'now' : decimal(x, 0)),
      label: `Skill against EWMA-Gaussian, ${ticks(horizonTicks)} ahead, over the newest ${ticks(trail.length * TICKS_PER_POINT)}: now ${percent(skillEwmaGaussian)}`,
    });
  }

  #showProfile(horizons: readonly WireHorizonScore[]): void {
    const { fan, second } = colours();
    this.#profile.show({
      lines: [
        { name: 'on EWMA-Gaussian', colour: () => fan },
        { name: 'on last value', colour: () => second, dash: [4, 3] },
      ],
      xs: horizons.map((one) => one.horizonTicks),
      ys: [horizons.map((one) => one.skillEwmaGaussian), horizons.map((one) => one.skillLastValue)],
      xText: (x) => `+${decimal(x, 0)}`,
      label: `Skill by horizon, ${ticks(horizons[0].horizonTicks)} to ${ticks(horizons.at(-1)?.horizonTicks ?? 0)} ahead`,
    });
  }
}

function makeRow(): HTMLElement {
  const row = element('tr');
  row.append(element('th', 'horizon-name'));
  row.firstElementChild?.setAttribute('scope', 'row');
  for (const name of ['skill-value number', 'number', 'number muted']) {
    row.append(element('td', name));
  }
  return row;
}

function updateRow(row: HTMLElement, score: WireHorizonScore): void {
  const [name, skill, lastValue, count] = row.children;
  setText(name, ticks(score.horizonTicks));
  const [onGaussian, onLastValue] = [score.skillEwmaGaussian, score.skillLastValue].map((share) =>
    percent(share),
  );
  setText(skill, onGaussian);
  skill.className = `skill-value number ${tone(onGaussian)}`;
  setText(lastValue, onLastValue);
  lastValue.className = `number ${tone(onLastValue)}`;
  setText(count, decimal(score.count, 0));
}
