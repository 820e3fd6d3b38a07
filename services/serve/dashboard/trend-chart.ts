import uPlot from 'uplot';
import { colours, onColours } from './colours.ts';
import { element, fill, setText } from './element.ts';

export const AXIS_FONT = '11px ui-sans-serif, system-ui, sans-serif';

export interface TrendLine {
  readonly name: string;
  readonly colour: () => string;
  readonly dash?: number[];
}

export interface TrendLook {
  /** Values that are always in view, each with a broken line: zero, nominal shares. */
  readonly levels?: readonly number[];
  /** Lines are shares of one: they are drawn on top of each other, as areas. */
  readonly isStacked?: boolean;
  readonly yText: (y: number) => string;
  /** In the legend; default: as on the axis. */
  readonly valueText?: (y: number) => string;
  /** False where the chart above has the same. */
  readonly hasLegend?: boolean;
  /** Room for the labels of the y axis, in pixels. */
  readonly yWidth?: number;
}

export interface TrendFigures {
  readonly lines: readonly TrendLine[];
  readonly xs: readonly number[];
  /** By line. */
  readonly ys: readonly (readonly (number | null)[])[];
  readonly xText: (x: number) => string;
  /** For who cannot see it: what it shows. */
  readonly label: string;
}

/** Lines over time or over horizons, with a legend that tells the newest values, or those under the pointer. */
export class TrendChart {
  readonly #legend = element('ul', 'trend-legend');
  readonly #host = element('div', 'trend');
  readonly #look: TrendLook;
  #plot: uPlot | null = null;
  #figures: TrendFigures | null = null;

  constructor(panel: HTMLElement, look: TrendLook) {
    this.#look = look;
    this.#host.setAttribute('role', 'img');
    if (look.hasLegend !== false) panel.append(this.#legend);
    panel.append(this.#host);
    new ResizeObserver(() => this.#fit()).observe(this.#host);
    onColours(() => {
      this.#forget();
      if (this.#figures !== null) this.show(this.#figures);
    });
  }

  show(figures: TrendFigures): void {
    const names = (of: TrendFigures | null) => of?.lines.map(({ name }) => name).join() ?? '';
    if (names(figures) !== names(this.#figures)) this.#forget();
    this.#figures = figures;
    this.#host.setAttribute('aria-label', figures.label);
    this.#plot ??= new uPlot(this.#options(figures), [[]], this.#host);
    this.#plot.setData(this.#drawn(figures));
    this.#showLegend();
  }

  #forget(): void {
    this.#plot?.destroy();
    this.#plot = null;
  }

  #fit(): void {
    const { clientWidth: width, clientHeight: height } = this.#host;
    if (width > 0) this.#plot?.setSize({ width, height });
  }

  /** Areas from the top of the pile down: each hides what is below the next. */
  #drawn({ xs, ys }: TrendFigures): uPlot.AlignedData {
    if (this.#look.isStacked !== true) return [[...xs], ...ys.map((line) => [...line])];
    const totals = xs.map((_, k) => ys.reduce((total, line) => total + (line[k] ?? 0), 0) || 1);
    const sums = xs.map(() => 0);
    const piles = ys.map((line) =>
      line.map((y, k) => {
        // Rounded shares do not quite add up to one.
        sums[k] += (y ?? 0) / totals[k];
        return sums[k];
      }),
    );
    return [[...xs], ...piles.reverse()];
  }

  #options({ lines }: TrendFigures): uPlot.Options {
    const series = lines.map(({ colour, dash }) => this.#series(colour(), dash));
    return {
      width: this.#host.clientWidth || 300,
      height: this.#host.clientHeight || 110,
      padding: [8, 18, 0, 0],
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
      scales: {
        x: { time: false, range: (_plot, low, high) => spread(low, high) },
        y: { range: (_plot, low, high) => this.#range(low, high) },
      },
      axes: this.#axes(),
      series: [{}, ...(this.#look.isStacked === true ? series.reverse() : series)],
      hooks: {
        drawAxes: [(plot) => this.#drawLevels(plot)],
        setCursor: [() => this.#showLegend()],
      },
    };
  }

  #series(colour: string, dash?: number[]): uPlot.Series {
    const points = { show: false };
    if (this.#look.isStacked === true) {
      return { fill: colour, stroke: colours().panel, width: 1, points };
    }
    return { stroke: colour, width: 1.5, points, spanGaps: true, ...(dash ? { dash } : {}) };
  }

  #axes(): uPlot.Axis[] {
    const { faint, grid } = colours();
    const look = { stroke: faint, font: AXIS_FONT, ticks: { show: false } };
    const { yText, yWidth = 46 } = this.#look;
    return [
      {
        ...look,
        size: 22,
        space: 70,
        grid: { show: false },
        values: (_plot, splits) => splits.map((x) => this.#xText(x)),
      },
      {
        ...look,
        size: yWidth,
        space: 26,
        grid: { stroke: grid, width: 1 },
        values: (_plot, splits) => splits.map(yText),
      },
    ];
  }

  /** Where there is one point there is no more to tell than where it stands. */
  #xText(x: number): string {
    const { xs = [], xText = String } = this.#figures ?? {};
    return xs.length > 1 || x === xs[0] ? xText(x) : '';
  }

  #range(low: number, high: number): uPlot.Range.MinMax {
    if (this.#look.isStacked === true) return [0, 1];
    const all = [low, high, ...(this.#look.levels ?? [])].filter(Number.isFinite);
    const [from, to] = [Math.min(...all), Math.max(...all)];
    const margin = 0.08 * (to - from) || 0.5 * Math.abs(to) || 1;
    return [from === 0 ? 0 : from - margin, to + margin];
  }

  #drawLevels(plot: uPlot): void {
    const { ctx, bbox } = plot;
    ctx.save();
    ctx.strokeStyle = colours().faint;
    ctx.lineWidth = devicePixelRatio;
    ctx.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio]);
    for (const level of this.#look.levels ?? []) {
      const y = Math.round(plot.valToPos(level, 'y', true)) + 0.5;
      ctx.beginPath();
      ctx.moveTo(bbox.left, y);
      ctx.lineTo(bbox.left + bbox.width, y);
      ctx.stroke();
    }
    ctx.restore();
  }

  #showLegend(): void {
    const figures = this.#figures;
    if (figures === null) return;
    const { lines, xs, ys, xText } = figures;
    const pointed = this.#plot?.cursor.idx ?? null;
    const at = pointed ?? xs.length - 1;
    const { yText, valueText = yText } = this.#look;
    const items = lines.map(({ name, colour }, k) => ({ name, colour, y: ys[k][at] ?? null }));
    fill(this.#legend, items, makeItem, (item, { name, colour, y }) => {
      const [key, label, value] = item.children;
      (key as HTMLElement).style.setProperty('background', colour());
      setText(label, name);
      setText(value, y === null ? '–' : valueText(y));
    });
    this.#legend.dataset['at'] = pointed === null ? '' : xText(xs[at]);
  }
}

/** One point stands at the end of the axis. */
function spread(low: number | null, high: number | null): uPlot.Range.MinMax {
  if (low === null || high === null) return [0, 1];
  return low === high ? [low - 1, high] : [low, high];
}

function makeItem(): HTMLElement {
  const item = element('li');
  item.append(element('i', 'key'), element('span'), element('b', 'number'));
  return item;
}
