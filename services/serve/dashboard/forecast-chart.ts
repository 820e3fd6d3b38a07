import uPlot from 'uplot';
import type { SymbolView } from './board.ts';
import { type BandPoint, type ChartGeometry, chartGeometry } from './chart-geometry.ts';
import { colours } from './colours.ts';
import { decimal } from './number-text.ts';

/** Opacity of the 95, 80 and 50 % band; they lie on each other. */
const FAN_ALPHA = [0.16, 0.2, 0.26];
const BEFORE_ALPHA = [0.1, 0.1, 0.12];
const FONT = '11px ui-sans-serif, system-ui, sans-serif';

interface YRange {
  min: number;
  max: number;
}

/** The fan chart: past price and what was forecast of it, the newest forecast fanning out from now. x counts ticks. */
export class ForecastChart {
  readonly #host: HTMLElement;
  readonly #onPoint: (tick: number | null) => void;
  #plot: uPlot | null = null;
  #geometry: ChartGeometry | null = null;
  #range: YRange = { min: 0, max: 1 };
  #symbol = '';
  #decimals = 2;

  /** @param onPoint told the tick under the pointer, null when it leaves */
  constructor(host: HTMLElement, onPoint: (tick: number | null) => void) {
    this.#host = host;
    this.#onPoint = onPoint;
    new ResizeObserver(() => this.#fit()).observe(host);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#rebuild());
  }

  show(view: SymbolView, levels: readonly number[], horizonTicks: number): ChartGeometry {
    const geometry = chartGeometry(view, levels, horizonTicks);
    this.#geometry = geometry;
    this.#decimals = view.decimals;
    this.#range = steadyRange(this.#symbol === view.symbol ? this.#range : null, geometry);
    this.#symbol = view.symbol;
    this.#plot ??= this.#build();
    this.#plot.setData(dataOf(geometry));
    this.#host.dataset['now'] = `${geometry.now}`;
    return geometry;
  }

  #build(): uPlot {
    return new uPlot(this.#options(), [[0], [null], [null]], this.#host);
  }

  #rebuild(): void {
    this.#plot?.destroy();
    this.#plot = null;
  }

  #fit(): void {
    const { clientWidth: width, clientHeight: height } = this.#host;
    if (width > 0) this.#plot?.setSize({ width, height });
  }

  #options(): uPlot.Options {
    const { ink, fan } = colours();
    return {
      width: this.#host.clientWidth,
      height: this.#host.clientHeight,
      padding: [10, 4, 0, 0],
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
      scales: {
        x: { time: false, range: () => [this.#geometry?.xMin ?? 0, this.#geometry?.xMax ?? 1] },
        y: { range: () => [this.#range.min, this.#range.max] },
      },
      axes: this.#axes(),
      series: [
        {},
        { stroke: ink, width: 1.5, points: { show: false }, spanGaps: true },
        { stroke: fan, width: 1.5, dash: [5, 4], points: { show: false }, spanGaps: true },
      ],
      hooks: {
        drawAxes: [(plot) => this.#drawBands(plot)],
        draw: [(plot) => this.#drawMarks(plot)],
        setCursor: [(plot) => this.#point(plot)],
      },
    };
  }

  #axes(): uPlot.Axis[] {
    const { faint, grid } = colours();
    const look = {
      stroke: faint,
      font: FONT,
      grid: { stroke: grid, width: 1 },
      ticks: { show: false },
    };
    const now = () => this.#geometry?.now ?? 0;
    return [
      {
        ...look,
        size: 30,
        splits: (plot) => splitsAround(now(), plot),
        values: (_plot, splits) => splits.map((x) => relative(x - now())),
      },
      {
        ...look,
        side: 1,
        size: 68,
        space: 44,
        values: (_plot, splits) => splits.map((y) => decimal(y, this.#decimals)),
      },
    ];
  }

  #drawBands(plot: uPlot): void {
    const geometry = this.#geometry;
    if (geometry === null) return;
    const { ctx, bbox } = plot;
    const { fan, faint } = colours();
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    ctx.fillStyle = fan;
    for (const [k, band] of geometry.before.entries()) paint(plot, band, BEFORE_ALPHA[k]);
    for (const [k, band] of geometry.fan.entries()) paint(plot, band, FAN_ALPHA[k]);
    ctx.globalAlpha = 0.45;
    const x = Math.round(plot.valToPos(geometry.now, 'x', true)) + 0.5;
    ctx.lineWidth = 1;
    ctx.strokeStyle = faint;
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    ctx.restore();
  }

  #drawMarks(plot: uPlot): void {
    const geometry = this.#geometry;
    if (geometry === null) return;
    const { miss, fan, ink } = colours();
    const size = devicePixelRatio;
    for (const { x, y } of geometry.misses) dot(plot, x, y, 2.2 * size, miss);
    for (const { x, y } of geometry.point.slice(1)) dot(plot, x, y, 2.4 * size, fan);
    const [newest] = geometry.point;
    dot(plot, newest.x, newest.y, 3.4 * size, ink);
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

function paint(plot: uPlot, band: readonly BandPoint[], alpha: number): void {
  if (band.length < 2) return;
  const { ctx } = plot;
  ctx.globalAlpha = alpha;
  ctx.beginPath();
  for (const { x, high } of band) {
    ctx.lineTo(plot.valToPos(x, 'x', true), plot.valToPos(high, 'y', true));
  }
  for (const { x, low } of band.toReversed()) {
    ctx.lineTo(plot.valToPos(x, 'x', true), plot.valToPos(low, 'y', true));
  }
  ctx.fill();
}

function dot(plot: uPlot, x: number, y: number, radius: number, colour: string): void {
  const { ctx } = plot;
  ctx.fillStyle = colour;
  ctx.beginPath();
  ctx.arc(plot.valToPos(x, 'x', true), plot.valToPos(y, 'y', true), radius, 0, 2 * Math.PI);
  ctx.fill();
}

/** Grows at once and shrinks only when half of it is unused, so that the axis stands still while the price moves. */
function steadyRange(range: YRange | null, { yMin, yMax }: ChartGeometry): YRange {
  const isInside = range !== null && range.min <= yMin && range.max >= yMax;
  if (isInside && yMax - yMin > 0.55 * (range.max - range.min)) return range;
  const margin = 0.12 * (yMax - yMin);
  return { min: yMin - margin, max: yMax + margin };
}

/** Round distances from now, on both sides. */
function splitsAround(now: number, plot: uPlot): number[] {
  const { min = 0, max = 1 } = plot.scales['x'];
  const wanted = (max - min) / Math.max(2, plot.width / 90);
  const step = [1, 2, 5, 10, 20, 50, 100, 200, 500].find((one) => one >= wanted) ?? 1_000;
  const splits: number[] = [];
  // A label at the very edge would be cut off.
  const first = min + 0.02 * (max - min);
  for (let x = now - Math.floor((now - first) / step) * step; x <= max; x += step) splits.push(x);
  return splits;
}

function relative(ticks: number): string {
  if (ticks === 0) return 'now';
  return ticks > 0 ? `+${ticks}` : `\u2212${-ticks}`;
}
