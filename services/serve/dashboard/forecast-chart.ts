import uPlot from 'uplot';
import { type ChartGeometry, type ChartWish, chartGeometry } from './chart-geometry.ts';
import { drawFigures, drawGround } from './chart-marks.ts';
import { colours, onColours } from './colours.ts';
import { decimal } from './number-text.ts';
import type { Outlook } from './outlook.ts';
import { axisTime, msOf, type Zone } from './time-text.ts';
import { AXIS_FONT } from './trend-chart.ts';

/** Between the middles of two labels that do not touch. */
const LABEL_PX = 18;

interface YRange {
  min: number;
  max: number;
}

export interface ChartShow extends ChartWish {
  readonly symbol: string;
  readonly outlook: Outlook;
  readonly zone: Zone;
  readonly modelName: (sha: string) => string;
}

/** The fan chart: past values and what was forecast of them, the newest forecast fanning out from now. x counts ticks. */
export class ForecastChart {
  readonly #host: HTMLElement;
  readonly #onPoint: (tick: number | null) => void;
  #plot: uPlot | null = null;
  #geometry: ChartGeometry | null = null;
  #shown: ChartShow | null = null;
  #range: YRange = { min: 0, max: 1 };

  /** @param onPoint told the tick under the pointer, null when it leaves */
  constructor(host: HTMLElement, onPoint: (tick: number | null) => void) {
    this.#host = host;
    this.#onPoint = onPoint;
    new ResizeObserver(() => this.#fit()).observe(host);
    onColours(() => {
      this.#plot?.destroy();
      this.#plot = null;
      if (this.#shown !== null) this.show(this.#shown);
    });
  }

  show(shown: ChartShow): ChartGeometry {
    const geometry = chartGeometry(shown.outlook, shown);
    const before = this.#shown;
    const isSame = before?.symbol === shown.symbol && before.spanTicks === shown.spanTicks;
    this.#range = steadyRange(isSame ? this.#range : null, geometry);
    this.#geometry = geometry;
    this.#shown = shown;
    this.#plot ??= new uPlot(this.#options(), [[0], [null], [null]], this.#host);
    this.#plot.setData(dataOf(geometry));
    this.#host.dataset['now'] = `${geometry.now}`;
    this.#host.dataset['switches'] = `${geometry.switches.length}`;
    this.#host.dataset['interruptions'] = `${geometry.interruptions.length}`;
    return geometry;
  }

  /** As a pointer does it, for keys. */
  pointAt(tick: number): void {
    const left = this.#plot?.valToPos(tick, 'x') ?? 0;
    this.#plot?.setCursor({ left, top: 10 });
  }

  #fit(): void {
    const { clientWidth: width, clientHeight: height } = this.#host;
    if (width > 0) this.#plot?.setSize({ width, height });
  }

  #options(): uPlot.Options {
    const { ink, fan } = colours();
    const points = { show: false };
    return {
      width: this.#host.clientWidth,
      height: this.#host.clientHeight,
      padding: [10, 4, 0, 0],
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points },
      scales: {
        x: { time: false, range: () => [this.#geometry?.xMin ?? 0, this.#geometry?.xMax ?? 1] },
        y: { range: () => [this.#range.min, this.#range.max] },
      },
      axes: this.#axes(),
      series: [
        {},
        { stroke: ink, width: 1.5, points, spanGaps: true },
        { stroke: fan, width: 1.5, dash: [5, 4], points, spanGaps: true },
      ],
      hooks: {
        drawAxes: [(plot) => this.#draw(plot, 'ground')],
        draw: [(plot) => this.#draw(plot, 'figures')],
        setCursor: [(plot) => this.#point(plot)],
      },
    };
  }

  #axes(): uPlot.Axis[] {
    const { faint, grid } = colours();
    const look = {
      stroke: faint,
      font: AXIS_FONT,
      grid: { stroke: grid, width: 1 },
      ticks: { show: false },
    };
    return [
      {
        ...look,
        size: 40,
        splits: (plot) => splitsAround(this.#geometry?.now ?? 0, plot),
        values: (_plot, splits) => splits.map((x) => this.#tickText(x)),
      },
      {
        ...look,
        side: 1,
        size: 72,
        space: 44,
        values: (plot, splits) => splits.map((y) => this.#valueText(plot, y, splits)),
      },
    ];
  }

  /** The distance from now, and below it the time where it is known. */
  #tickText(x: number): string {
    const { now = 0, past = [] } = this.#geometry ?? {};
    const distance = relative(x - now);
    const moment = past.findLast((point) => point.x <= x);
    if (moment === undefined || x > now) return `${distance}\n `;
    const spanMs = msOf(past.at(-1)?.eventTimeNs ?? '0') - msOf(past[0].eventTimeNs);
    return `${distance}\n${axisTime(moment.eventTimeNs, this.#shown?.zone ?? 'local', spanMs)}`;
  }

  /** Nothing where the newest value is written over it. */
  #valueText(plot: uPlot, y: number, splits: readonly number[]): string {
    const newest = this.#geometry?.point[0].y ?? Number.NaN;
    const apart = Math.abs(plot.valToPos(y, 'y') - plot.valToPos(newest, 'y'));
    return apart < LABEL_PX ? '' : decimal(y, this.#axisDecimals(splits));
  }

  /** Not more than the steps of the axis need. */
  #axisDecimals(splits: readonly number[]): number {
    const most = this.#shown?.outlook.decimals ?? 2;
    const step = splits.length > 1 ? Math.abs(splits[1] - splits[0]) : 1;
    return Math.min(most, Math.max(0, Math.ceil(-Math.log10(step) - 1e-9)));
  }

  #draw(plot: uPlot, part: 'ground' | 'figures'): void {
    const [geometry, shown] = [this.#geometry, this.#shown];
    if (geometry === null || shown === null) return;
    if (part === 'ground') drawGround(plot, geometry, shown.modelName);
    else drawFigures(plot, geometry, decimal(geometry.point[0].y, shown.outlook.decimals));
  }

  #point(plot: uPlot): void {
    const { left } = plot.cursor;
    this.#onPoint(left === undefined || left < 0 ? null : Math.round(plot.posToVal(left, 'x')));
  }
}

function dataOf({ past, point }: ChartGeometry): uPlot.AlignedData {
  const ahead = point.slice(1);
  return [
    [...past.map(({ x }) => x), ...ahead.map(({ x }) => x)],
    [...past.map(({ y }) => y), ...ahead.map(() => null)],
    [
      ...past.map((_, k) => (k === past.length - 1 ? point[0].y : null)),
      ...ahead.map(({ y }) => y),
    ],
  ];
}

/** Grows at once and shrinks only when half of it is unused, so that the axis stands still while the value moves. */
function steadyRange(range: YRange | null, { yMin, yMax }: ChartGeometry): YRange {
  const isInside = range !== null && range.min <= yMin && range.max >= yMax;
  if (isInside && yMax - yMin > 0.55 * (range.max - range.min)) return range;
  const margin = 0.12 * (yMax - yMin);
  return { min: yMin - margin, max: yMax + margin };
}

/** Round distances from now, on both sides. */
function splitsAround(now: number, plot: uPlot): number[] {
  const { min = 0, max = 1 } = plot.scales['x'];
  const wanted = (max - min) / Math.max(2, plot.width / 96);
  const step = [1, 2, 5, 10, 20, 50, 100, 200, 500].find((one) => one >= wanted) ?? 1_000;
  const splits: number[] = [];
  // A label at the very edge would be cut off.
  const edge = (30 / Math.max(1, plot.width)) * (max - min);
  const first = now - Math.floor((now - min - edge) / step) * step;
  for (let x = first; x <= max; x += step) splits.push(x);
  return splits;
}

function relative(ticks: number): string {
  if (ticks === 0) return 'now';
  return ticks > 0 ? `+${ticks}` : `\u2212${-ticks}`;
}
