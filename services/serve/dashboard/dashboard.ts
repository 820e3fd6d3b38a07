import type { WireForecast } from '#shared/wire/message.ts';
import { Board, type SymbolView } from './board.ts';
import { showCalibration } from './calibration-panel.ts';
import { Changes } from './changes.ts';
import { ChosenPanel } from './chosen-panel.ts';
import { showConnection } from './connection-line.ts';
import { CoveragePanel } from './coverage-panel.ts';
import { byId, setText } from './element.ts';
import { HealthPanel } from './health-panel.ts';
import { HorizonPicker } from './horizon-picker.ts';
import { modelName, showModels } from './model-panel.ts';
import { decimal, plainPercent } from './number-text.ts';
import { PAST_POINTS } from './outlook.ts';
import { keep, recall } from './page-memory.ts';
import { PageStream } from './page-stream.ts';
import { Ranking } from './ranking.ts';
import { SkillPanel } from './skill-panel.ts';
import { SymbolList } from './symbol-list.ts';
import { type Zone, zoneName } from './time-text.ts';
import { TokenField } from './token-field.ts';
import { WeightsPanel } from './weights-panel.ts';

/** Of a symbol's past, over all its horizons: some 3 MB of JSON. */
const PAST_HORIZONS = 10_000;
/** Trends are read, not watched. */
const TREND_MS = 500;
/** How often the page moves for who asks for reduced motion. */
const CALM_MS = 1_000;
const ZONE_KEPT_AS = 'foretick.zone';

const board = new Board();
const tokens = new TokenField();
const changed = new Changes();
const calm = matchMedia('(prefers-reduced-motion: reduce)');
const skill = new SkillPanel();
const coverage = new CoveragePanel();
const weights = new WeightsPanel();
const health = new HealthPanel();
const picker = new HorizonPicker(dirty);
const chosen = new ChosenPanel(dirty);
const ranking = new Ranking({ headers: () => tokens.headers, onChange: dirty });
const list = new SymbolList({ board, ranking, onChoose: choose, onView: listen });
const stream = new PageStream({ board, tokens, onChange: dirty, onPresent: () => void loadPast() });
let zone: Zone = recall('localStorage', ZONE_KEPT_AS) === 'UTC' ? 'UTC' : 'local';
let isDirty = true;
/** The chosen symbol as it was when the reader paused. */
let held: SymbolView | null = null;
let shownMs = 0;
let rate = { count: 0, perSecond: 0 };

byId('zone').addEventListener('click', () => {
  zone = zone === 'UTC' ? 'local' : 'UTC';
  keep('localStorage', ZONE_KEPT_AS, zone);
  dirty();
});
byId('pause').addEventListener('click', () => {
  hold(held === null ? board.chosenView() : null);
});
byId('retry').addEventListener('click', () => location.reload());
document.addEventListener('keydown', (event) => {
  const isTyping = event.target instanceof HTMLInputElement;
  if (event.key !== '/' || isTyping || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  list.focusFilter();
});

for (const share of document.querySelectorAll<HTMLElement>('[data-share]')) {
  setText(share, plainPercent(Number(share.dataset['share']), 0));
}
setInterval(everySecond, 1_000);
requestAnimationFrame(frame);
await tokens.admit();
stream.start();

function dirty(): void {
  isDirty = true;
}

function frame(nowMs: number): void {
  const { state, sinceMs } = stream.state;
  const { lastForecastMs, isHolding } = board;
  const isAsking = tokens.isAsking;
  const facts = { state, sinceMs, lastForecastMs, isHolding, isAsking, nowMs: performance.now() };
  showConnection(byId('connection'), byId('connection-news'), facts);
  byId('retry').hidden = state.kind !== 'closed';
  const isDue = !calm.matches || nowMs - shownMs >= CALM_MS;
  if (isDirty && isDue) {
    isDirty = false;
    shownMs = nowMs;
    show();
  }
  requestAnimationFrame(frame);
}

function everySecond(): void {
  rate = { count: board.updateCount, perSecond: board.updateCount - rate.count };
  setText(byId('update-rate'), decimal(rate.perSecond, 0));
}

function show(): void {
  const count = byId('update-count');
  setText(count, decimal(board.updateCount, 0));
  Object.assign(count.dataset, { gaps: board.gapCount, repeats: board.repeatCount });
  setText(byId('run'), board.run.slice(0, 8));
  setText(byId('zone'), zoneName(zone));
  const view = chosenView();
  const horizons = view?.outlook?.latest.horizons ?? [];
  const horizonTicks = picker.choiceOf(horizons.map((one) => one.horizonTicks));
  list.show(horizonTicks);
  listen();
  if (changed.in('health', board.healths)) {
    health.show(board.healths, board.ages.newest(Date.now()));
  }
  const currentSha = (held ?? view)?.outlook?.latest.modelSha ?? '';
  if (changed.in('models', board.models, zone, currentSha)) {
    showModels(byId('models'), board.models, { zone, currentSha });
  }
  if (view !== null) showChosen(held ?? view, horizonTicks);
}

/** To what is in view and to what is chosen. */
function listen(): void {
  stream.show(board.chosen === '' ? list.inView() : [...list.inView(), board.chosen]);
}

function showChosen(view: SymbolView, horizonTicks: number): void {
  const { outlook, score } = view;
  const { levels, models } = board;
  const name = (sha: string) => modelName(models, sha);
  const { past, forecasts, latest } = outlook ?? {};
  const isSilent = board.isStale(view.symbol);
  const figures = [view, past, forecasts, latest, view.tick, levels, horizonTicks, zone, models];
  if (changed.in('chosen', ...figures, chosen.look, isSilent)) {
    chosen.show(view, { levels, horizonTicks, zone, modelName: name, isSilent });
  }
  const isWarming = outlook?.latest.isWarming === true;
  if (changed.in('skill', score, horizonTicks, isWarming)) {
    skill.show(score, horizonTicks, isWarming);
    showCalibration(score, horizonTicks);
  }
  const time = Math.floor(performance.now() / TREND_MS);
  if (outlook === null || !changed.in('trends', view, score, horizonTicks, time)) return;
  coverage.show({ score, outlook, levels, horizonTicks });
  weights.show(outlook, horizonTicks);
}

/** The first by name, until another is chosen. */
function chosenView(): SymbolView | null {
  const view = board.chosenView();
  if (view !== null) return view;
  const [first] = board.byName;
  if (first !== undefined) choose(first.symbol);
  return board.chosenView();
}

function hold(view: SymbolView | null): void {
  held = view === null ? null : { ...view, outlook: view.outlook?.copy() ?? null };
  byId('pause').setAttribute('aria-pressed', `${held !== null}`);
  dirty();
}

function choose(symbol: string): void {
  if (symbol !== held?.symbol) hold(null);
  board.choose(symbol);
  dirty();
  // Otherwise it comes with the snapshot that is asked for now.
  if (board.chosenView()?.outlook) void loadPast();
}

/** The past bands come by HTTP when a symbol is chosen: streaming them for every symbol would be mostly unseen. */
async function loadPast(): Promise<void> {
  const symbol = board.chosen;
  const horizonCount = board.chosenView()?.outlook?.latest.horizons.length ?? 0;
  if (horizonCount === 0) return;
  const count = Math.min(PAST_POINTS, Math.ceil(PAST_HORIZONS / horizonCount));
  const address = `/v1/forecasts/${encodeURIComponent(symbol)}?history=${count}`;
  const response = await fetch(address, { headers: tokens.headers }).catch(() => null);
  // Without it the chart draws the past from what comes in from now on.
  if (response === null || !response.ok) return;
  const { forecasts } = (await response.json()) as { forecasts: readonly WireForecast[] };
  if (board.chosen === symbol) board.chosenView()?.outlook?.takeOlder(forecasts);
  dirty();
}
