import type { WireHorizonScore, WireScore } from '#shared/wire/message.ts';
import { colours } from './colours.ts';
import { CENTRAL, coverageTrail, WINDOW } from './coverage-trail.ts';
import { byId, element, fill, setText } from './element.ts';
import { decimal, plainPercent, ticks } from './number-text.ts';
import type { Outlook } from './outlook.ts';
import { MOST_ROWS } from './skill-panel.ts';
import { TrendChart, type TrendLine } from './trend-chart.ts';

/** Half the width of a gauge, as a difference of shares. */
const GAUGE_REACH = 0.1;
const NOMINAL = CENTRAL.map(({ share }) => share);
const COLOURS = ['ink', 'fan', 'second'] as const;
const LINES: readonly TrendLine[] = NOMINAL.map((share, k) => ({
  name: plainPercent(share, 0),
  colour: () => colours()[COLOURS[k]],
}));

export interface CoverageFacts {
  readonly score: WireScore | null;
  readonly outlook: Outlook;
  readonly levels: readonly number[];
  readonly horizonTicks: number;
}

/** Realised against nominal coverage: over the newest forecasts of one horizon, and over long of each. */
export class CoveragePanel {
  readonly #trend: TrendChart;
  readonly #profile: TrendChart;

  constructor() {
    const look = { levels: NOMINAL, yText: (y: number) => plainPercent(y, 0) };
    this.#trend = new TrendChart(byId('coverage-trend'), look);
    this.#profile = new TrendChart(byId('coverage-profile'), look);
  }

  show({ score, outlook, levels, horizonTicks }: CoverageFacts): void {
    const trail = coverageTrail(outlook, levels, horizonTicks);
    const now = outlook.latest.origin;
    byId('coverage-trend').hidden = trail.xs.length < 2;
    byId('coverage-empty').hidden = score !== null || trail.xs.length >= 2;
    if (trail.xs.length >= 2) {
      this.#trend.show({
        lines: LINES,
        xs: trail.xs.map((x) => x - now),
        ys: trail.shares,
        xText: (x) => (x === 0 ? 'now' : decimal(x, 0)),
        label: `Share of the newest ${WINDOW} outcomes inside each interval, ${ticks(horizonTicks)} ahead: ${trail.shares.map((one) => plainPercent(one.at(-1) ?? 0, 0)).join(', ')}`,
      });
    }
    const horizons = score?.horizons ?? [];
    const hasRows = horizons.length > 0 && horizons.length <= MOST_ROWS;
    byId('coverage-table').hidden = !hasRows;
    byId('coverage-profile').hidden = horizons.length <= MOST_ROWS;
    if (hasRows) fill(byId('coverage-rows'), horizons, makeRow, updateRow);
    else if (horizons.length > 0) this.#showProfile(horizons);
  }

  #showProfile(horizons: readonly WireHorizonScore[]): void {
    this.#profile.show({
      lines: LINES,
      xs: horizons.map((one) => one.horizonTicks),
      ys: NOMINAL.map((_, k) => horizons.map(({ coverage }) => coverage[k])),
      xText: (x) => `+${decimal(x, 0)}`,
      label: 'Coverage of the 50, 80 and 95 % intervals by horizon',
    });
  }
}

function makeRow(): HTMLElement {
  const row = element('tr');
  row.append(element('th', 'horizon-name'));
  row.firstElementChild?.setAttribute('scope', 'row');
  for (const _ of NOMINAL) {
    const cell = element('td', 'number');
    const gauge = element('span', 'gauge');
    gauge.append(element('i'));
    cell.append(element('span', 'realised'), gauge);
    row.append(cell);
  }
  return row;
}

function updateRow(row: HTMLElement, score: WireHorizonScore): void {
  const [name, ...cells] = row.children;
  setText(name, ticks(score.horizonTicks));
  cells.forEach((cell, k) => {
    const realised = score.coverage[k];
    setText(cell.children[0], plainPercent(realised));
    const off = Math.max(-1, Math.min(1, (realised - NOMINAL[k]) / GAUGE_REACH));
    const mark = cell.children[1].firstElementChild as HTMLElement;
    mark.style.setProperty('left', `${50 + 50 * off}%`);
    mark.className = Math.abs(off) > 0.5 ? 'off' : '';
    (cell as HTMLElement).title = `nominal ${plainPercent(NOMINAL[k], 0)}; the middle of the gauge`;
  });
}
