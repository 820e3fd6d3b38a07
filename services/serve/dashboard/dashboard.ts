import { ForecastClient } from '#shared/client/forecast-client.ts';
import type { ConnectionState } from '#shared/client/listener.ts';
import type { WireForecast } from '#shared/wire/message.ts';
import { Board, type SymbolView } from './board.ts';
import type { ChartGeometry } from './chart-geometry.ts';
import { showConnection } from './connection-line.ts';
import { showCoverage } from './coverage-panel.ts';
import { byId, element, fill, setText } from './element.ts';
import { ForecastChart } from './forecast-chart.ts';
import { showForecast } from './forecast-table.ts';
import { showHealth } from './health-panel.ts';
import { showModels } from './model-panel.ts';
import { clockTime, decimal, ticks } from './number-text.ts';
import { shownHorizons } from './shown-horizons.ts';
import { showSkill } from './skill-panel.ts';
import { SymbolList } from './symbol-list.ts';

const MAX_RATE_HZ = 10;
const PAST_FORECASTS = 600;

const board = new Board();
let horizonTicks = 0;
let state: ConnectionState = { kind: 'connecting', reason: '', retryInMs: null };
let stateSinceMs = performance.now();
let pointedTick: number | null = null;
let isDirty = true;
let rate = { count: 0, perSecond: 0 };

const list = new SymbolList(byId('symbols'), choose);
const chart = new ForecastChart(byId('chart'), (tick) => {
  pointedTick = tick;
  isDirty = true;
});

new ForecastClient(
  {
    url: `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/v1/stream`,
    symbols: ['*'],
    channels: ['forecasts', 'ticks', 'scores', 'models', 'health'],
    maxRateHz: MAX_RATE_HZ,
    reconnectCapMs: 5_000,
  },
  {
    onSnapshot: (message) => {
      board.takeSnapshot(message);
      choose(board.symbols.has(board.chosen) ? board.chosen : (firstSymbol() ?? ''));
    },
    onForecasts: (message) => {
      board.takeForecasts(message, performance.now());
      if (board.chosen === '') choose(firstSymbol() ?? '');
      isDirty = true;
    },
    onTicks: ({ ticks: newest }) => {
      board.takeTicks(newest);
      isDirty = true;
    },
    onScores: ({ scores }) => {
      board.takeScores(scores);
      isDirty = true;
    },
    onModels: (message) => {
      board.takeModels(message);
      isDirty = true;
    },
    onHealth: (message) => {
      board.takeHealth(message);
      isDirty = true;
    },
    onState: (next) => {
      state = next;
      stateSinceMs = performance.now();
    },
  },
);

byId('horizons').addEventListener('click', (event) => {
  const button = (event.target as Element).closest('button');
  if (button !== null) horizonTicks = Number(button.dataset['horizon']);
  isDirty = true;
});

setInterval(everySecond, 1_000);
requestAnimationFrame(frame);

function frame(): void {
  showConnection(byId('connection'), {
    state,
    sinceMs: stateSinceMs,
    lastForecastMs: board.lastForecastMs,
    nowMs: performance.now(),
  });
  if (isDirty) show();
  isDirty = false;
  requestAnimationFrame(frame);
}

function everySecond(): void {
  rate = { count: board.updateCount, perSecond: board.updateCount - rate.count };
  setText(byId('update-rate'), `${rate.perSecond}`);
}

function show(): void {
  const views = [...board.symbols.values()].sort((a, b) => (a.symbol < b.symbol ? -1 : 1));
  const count = byId('update-count');
  setText(count, decimal(board.updateCount, 0));
  Object.assign(count.dataset, { gaps: board.gapCount, repeats: board.repeatCount });
  setText(byId('run'), board.run.slice(0, 8));
  byId('no-symbols').hidden = views.length > 0;
  showModels(byId('models'), board.models);
  showHealth(byId('health'), board.health);
  const view = board.chosenView();
  if (view === null) return;
  showHorizons(view);
  list.show(views, { chosen: board.chosen, horizonTicks, isStale: (name) => board.isStale(name) });
  showChosen(view);
}

function showChosen(view: SymbolView): void {
  const { latest, tick, decimals } = view;
  setText(byId('chosen'), view.symbol);
  setText(byId('price'), decimal(tick?.price ?? latest.originValue, decimals));
  const hasBook = tick !== null && tick.bid !== null && tick.ask !== null;
  const book = hasBook
    ? `bid ${decimal(tick.bid ?? 0, decimals)}  ask ${decimal(tick.ask ?? 0, decimals)}`
    : '';
  setText(byId('book'), book);
  byId('warming').hidden = !latest.isWarming;
  setText(byId('model-sha'), latest.modelSha.slice(0, 8));
  const geometry = chart.show(view, board.levels, horizonTicks);
  setText(byId('band-horizon'), ticks(horizonTicks));
  setText(byId('skill-head'), `skill +${horizonTicks}`);
  setText(byId('readout'), readout(view, geometry));
  showForecast(byId('forecast-rows'), view, board.levels);
  showSkill(byId('skill'), view.score, latest.isWarming);
  showCoverage(byId('coverage'), view.score, horizonTicks);
}

function showHorizons({ latest }: SymbolView): void {
  const horizons = shownHorizons(latest.horizons.map((horizon) => horizon.horizonTicks));
  if (!horizons.includes(horizonTicks))
    horizonTicks = horizons[Math.floor(horizons.length / 2)] ?? 1;
  const make = () => {
    const button = element('button');
    button.setAttribute('type', 'button');
    return button;
  };
  fill(byId('horizons'), horizons, make, (button, horizon) => {
    button.dataset['horizon'] = `${horizon}`;
    button.setAttribute('aria-pressed', `${horizon === horizonTicks}`);
    setText(button, ticks(horizon));
  });
}

function readout(view: SymbolView, { past, before, now }: ChartGeometry): string {
  const at = Math.min(pointedTick ?? now, now);
  const point = past.find(({ x }) => x === at);
  if (point === undefined) return '';
  const price = `${clockTime(point.eventTimeNs)} UTC   ${decimal(point.y, view.decimals)}`;
  const said = before[1].find(({ x }) => x === at);
  if (said === undefined) return price;
  const isInside = point.y >= said.low && point.y <= said.high;
  const interval = `${decimal(said.low, view.decimals)} – ${decimal(said.high, view.decimals)}`;
  return `${price}   80 % forecast ${ticks(horizonTicks)} before: ${interval}, ${isInside ? 'inside' : 'outside'}`;
}

function firstSymbol(): string | undefined {
  return [...board.symbols.keys()].sort()[0];
}

function choose(symbol: string): void {
  board.choose(symbol);
  isDirty = true;
  if (symbol !== '') void loadPast(symbol);
}

/** The past bands come by HTTP when a symbol is chosen: streaming them for every symbol would be mostly unseen. */
async function loadPast(symbol: string): Promise<void> {
  const address = `/v1/forecasts/${encodeURIComponent(symbol)}?history=${PAST_FORECASTS}`;
  const response = await fetch(address).catch(() => null);
  // Without it the chart draws the past from what comes in from now on.
  if (response === null || !response.ok) return;
  const { forecasts } = (await response.json()) as { forecasts: readonly WireForecast[] };
  if (board.chosen === symbol) board.takePast(symbol, forecasts);
  isDirty = true;
}
