import { decimalsOfView, isPrice, newestValue, type SymbolView } from './board.ts';
import { type ChartGeometry, usualSpan } from './chart-geometry.ts';
import { byId, setText } from './element.ts';
import { flash } from './flash.ts';
import { ForecastChart } from './forecast-chart.ts';
import { showForecast } from './forecast-table.ts';
import { decimal, percent, plainPercent, signed, ticks, tone } from './number-text.ts';
import { PAST_POINTS } from './outlook.ts';
import { changeOf } from './symbol-order.ts';
import { dayText, momentText, msOf, type Zone, zoneName } from './time-text.ts';

/** How much wider or narrower the past gets at a time. */
const ZOOM = 1.6;
const WHEEL_ZOOM = 1.12;
const LEAST_SPAN = 20;

export interface ChosenFacts {
  readonly levels: readonly number[];
  readonly horizonTicks: number;
  readonly zone: Zone;
  readonly modelName: (sha: string) => string;
  /** It has been silent for much longer than it usually is. */
  readonly isSilent: boolean;
}

/** The chosen symbol: its value, the fan chart, and the newest forecast as numbers. */
export class ChosenPanel {
  readonly #chart: ForecastChart;
  readonly #onChange: () => void;
  #pointed: number | null = null;
  #span: number | null = null;
  #usual = 0;
  #geometry: ChartGeometry | null = null;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
    this.#chart = new ForecastChart(byId('chart'), (tick) => {
      this.#pointed = tick;
      onChange();
    });
    byId('chart').addEventListener('keydown', (event) => this.#key(event));
    // Two fingers on a trackpad, or the wheel with ctrl: by itself it scrolls the page.
    byId('chart').addEventListener('wheel', (event) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      this.#zoom(WHEEL_ZOOM ** Math.sign(event.deltaY));
    });
    byId('zoom-in').addEventListener('click', () => this.#zoom(1 / ZOOM));
    byId('zoom-out').addEventListener('click', () => this.#zoom(ZOOM));
  }

  /** Another one after each turn of the reader's: where the pointer is, how much of the past is shown. */
  get look(): string {
    return `${this.#pointed} ${this.#span}`;
  }

  show(view: SymbolView, facts: ChosenFacts): void {
    this.#showHead(view);
    showSilence(view, facts);
    const { outlook } = view;
    byId('chart-empty').hidden = outlook !== null;
    byId('chart-figures').hidden = outlook === null;
    byId('chart-tools').hidden = outlook === null;
    if (outlook === null) return;
    const { levels, horizonTicks } = facts;
    this.#usual = usualSpan(outlook.latest.horizons.at(-1)?.horizonTicks ?? 1);
    this.#geometry = this.#chart.show({
      ...{ ...facts, outlook, symbol: view.symbol },
      spanTicks: this.#span,
    });
    setText(byId('band-horizon'), ticks(horizonTicks));
    const readout = this.#readout(view, facts);
    setText(byId('readout'), readout);
    showForecast(byId('forecast-rows'), outlook, { levels, horizonTicks });
    this.#describe(view, readout);
  }

  #showHead(view: SymbolView): void {
    const { tick, outlook } = view;
    const decimals = decimalsOfView(view);
    const value = newestValue(view);
    setText(byId('chosen'), view.symbol);
    setText(byId('price'), value === null ? '–' : decimal(value, decimals));
    flash(byId('price'), view.symbol, value);
    const change = isPrice(view) ? changeOf(view) : null;
    const moved = value === null || view.firstPrice === null ? null : value - view.firstPrice;
    const units = moved === null ? '' : signed(moved, decimals);
    setText(byId('change'), change === null ? units : `${units}  ${percent(change, 2)}`);
    byId('change').className = `change number ${tone(units)}`;
    const hasBook = tick !== null && tick.bid !== null && tick.ask !== null;
    const book = hasBook
      ? `bid ${decimal(tick.bid ?? 0, decimals)}  ask ${decimal(tick.ask ?? 0, decimals)}`
      : '';
    setText(byId('book'), book);
    byId('warming').hidden = outlook?.latest.isWarming !== true;
    setText(byId('model-sha'), outlook?.latest.modelSha.slice(0, 8) ?? '–');
  }

  /** What is known of the tick under the pointer: when, what, and what had been forecast of it. */
  #readout({ outlook }: SymbolView, { horizonTicks, zone }: ChosenFacts): string {
    if (this.#geometry === null || outlook === null) return '';
    const { past, before, now, point } = this.#geometry;
    const ahead = (this.#pointed ?? now) - now;
    const { decimals } = outlook;
    if (ahead > 0) {
      const at = point.find(({ x }) => x - now >= ahead) ?? point[point.length - 1];
      return `in ${ticks(at.x - now)}   point forecast ${decimal(at.y, decimals + 1)}`;
    }
    const found = past.findLast(({ x }) => x <= now + ahead);
    if (found === undefined) return '';
    const spanMs = msOf(past[past.length - 1].eventTimeNs) - msOf(past[0].eventTimeNs);
    const moment = momentText(found.eventTimeNs, zone, spanMs / Math.max(1, past.length - 1));
    const value = `${moment} ${zoneName(zone)}   ${decimal(found.y, decimals)}`;
    const said = before[1].find(({ x }) => x === found.x);
    if (said === undefined) return value;
    const isInside = found.y >= said.low && found.y <= said.high;
    const interval = `${decimal(said.low, decimals)} – ${decimal(said.high, decimals)}`;
    return `${value}   ${plainPercent(0.8, 0)} forecast ${ticks(horizonTicks)} before: ${interval}, ${isInside ? 'inside' : 'outside'}`;
  }

  /** As a slider along the time: where it stands, and what is read there. */
  #describe(view: SymbolView, readout: string): void {
    if (this.#geometry === null) return;
    const { now, xMin, xMax } = this.#geometry;
    const at = (this.#pointed ?? now) - now;
    const facts = { 'aria-valuemin': xMin - now, 'aria-valuemax': Math.floor(xMax - now) };
    for (const [name, value] of Object.entries({ ...facts, 'aria-valuenow': at })) {
      byId('chart').setAttribute(name, `${value}`);
    }
    byId('chart').setAttribute('aria-valuetext', readout);
    byId('chart').setAttribute('aria-label', this.#words(view));
  }

  #words({ symbol, outlook }: SymbolView): string {
    if (outlook === null) return symbol;
    const furthest = outlook.latest.horizons.at(-1);
    const value = decimal(outlook.latest.originValue, outlook.decimals);
    const end =
      furthest === undefined
        ? ''
        : `, forecast ${decimal(furthest.point, outlook.decimals)} in ${ticks(furthest.horizonTicks)}`;
    return `Fan chart of ${symbol}: ${value} now${end}. Arrow keys move along it, plus and minus zoom.`;
  }

  #key(event: KeyboardEvent): void {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step !== undefined && this.#geometry !== null) {
      const { now, xMin, xMax } = this.#geometry;
      const by = event.shiftKey ? 10 * step : step;
      this.#chart.pointAt(Math.min(xMax, Math.max(xMin, (this.#pointed ?? now) + by)));
    } else if (event.key === '+' || event.key === '=') this.#zoom(1 / ZOOM);
    else if (event.key === '-') this.#zoom(ZOOM);
    else return;
    event.preventDefault();
  }

  #zoom(by: number): void {
    const span = Math.round((this.#span ?? this.#usual) * by);
    this.#span = Math.min(PAST_POINTS, Math.max(LEAST_SPAN, span));
    this.#onChange();
  }
}

/** What stands at "now" may be long past where only other symbols tick. */
function showSilence({ outlook }: SymbolView, { isSilent, zone }: ChosenFacts): void {
  const since = outlook === null ? '' : ` since ${dayText(outlook.latest.eventTimeNs, zone)}`;
  setText(byId('silent'), `silent${since} ${zoneName(zone)}`);
  byId('silent').hidden = !isSilent;
  byId('chart').dataset['silent'] = `${isSilent}`;
}
