import type { WireLagReach, WireModelEvent } from '#shared/wire/model-event.ts';
import { element, fill, setText } from './element.ts';
import { decimal, percent } from './number-text.ts';
import { axisTime, msOf, type Zone } from './time-text.ts';

const WORDS = { boundary: 'training', switched: 'switched', refused: 'refused' } as const;

/** Trainings and their outcome, newest first. A boundary whose outcome is there too is not shown. */
export function showModels(
  list: HTMLElement,
  events: readonly WireModelEvent[],
  { zone, currentSha }: { readonly zone: Zone; readonly currentSha: string },
): void {
  const settled = new Set(events.filter((one) => one.event !== 'boundary').map((one) => one.id));
  const shown = events.filter((one) => one.event !== 'boundary' || !settled.has(one.id));
  if (shown.length === 0) {
    const why = 'No training yet: forecasts come from the initial model.';
    if (list.textContent !== why) list.replaceChildren(element('li', 'empty', why));
    return;
  }
  if (list.firstElementChild?.classList.contains('empty')) list.replaceChildren();
  const times = shown.flatMap(({ eventTimeNs }) => (eventTimeNs === null ? [] : [eventTimeNs]));
  const spanMs = times.length === 0 ? 0 : msOf(times[times.length - 1]) - msOf(times[0]);
  const when = (eventTimeNs: string) => axisTime(eventTimeNs, zone, spanMs);
  fill(list, shown.toReversed(), makeRow, (row, event) => {
    updateRow(row, event, when);
    row.dataset['current'] = `${event.sha !== null && event.sha === currentSha}`;
  });
}

/** What a model is called on the chart: the training that gave it, where the page knows it. */
export function modelName(events: readonly WireModelEvent[], sha: string): string {
  const made = events.find((one) => one.event === 'switched' && one.sha === sha);
  return made === undefined ? `model ${sha.slice(0, 6)}` : `model #${made.id}`;
}

function makeRow(): HTMLElement {
  const row = element('li', 'model-row');
  row.append(
    element('span', 'model-what'),
    element('span', 'mono model-name'),
    element('span', 'number model-loss'),
    element('span', 'muted model-when'),
    element('span', 'muted model-reach'),
  );
  return row;
}

function updateRow(
  row: HTMLElement,
  event: WireModelEvent,
  timeText: (eventTimeNs: string) => string,
): void {
  const [what, name, loss, when, reach] = row.children;
  row.className = `model-row ${event.event}`;
  setText(what, `#${event.id} ${WORDS[event.event]}`);
  setText(name, event.sha?.slice(0, 10) ?? '');
  row.title = event.reason ?? event.sha ?? '';
  const { lossBefore, lossAfter } = event;
  const isKnown = lossBefore !== null && lossAfter !== null;
  const change = isKnown ? percent(lossAfter / lossBefore - 1) : '';
  setText(
    loss,
    isKnown ? `loss ${decimal(lossBefore, 3)} → ${decimal(lossAfter, 3)}  ${change}` : '',
  );
  setText(reach, reachText(event));
  const at = event.eventTimeNs === null ? '' : timeText(event.eventTimeNs);
  setText(when, event.reason ?? at);
}

/** How much of the gradient arrives from how far back, and how long the units remember. */
function reachText({ gradientReach, forgetTicks }: WireModelEvent): string {
  const farthest = gradientReach.at(-1);
  const reach = farthest === undefined ? '' : gradientText(farthest);
  const memory = forgetTicks === null ? '' : memoryText(forgetTicks);
  return [reach, memory].filter((part) => part !== '').join(' · ');
}

function gradientText({ lagTicks, ratio }: WireLagReach): string {
  if (ratio === null) return '';
  return `gradient ${ratio < 1e-2 ? ratio.toExponential(1) : ratio.toPrecision(2)} at lag ${lagTicks}`;
}

function memoryText({ median, largest }: NonNullable<WireModelEvent['forgetTicks']>): string {
  if (median === null || largest === null) return '';
  const [from, to] = [median, largest].map((value) => decimal(value, value < 10 ? 1 : 0));
  return `memory ${from}–${to} ticks`;
}
