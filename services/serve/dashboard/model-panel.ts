import type { WireLagReach, WireModelEvent } from '#shared/wire/message.ts';
import { element, fill, setText } from './element.ts';
import { clockTime, decimal, percent } from './number-text.ts';

/** Trainings and their outcome, newest first. A boundary whose outcome is there too is not shown. */
export function showModels(list: HTMLElement, events: readonly WireModelEvent[]): void {
  const settled = new Set(events.filter((one) => one.event !== 'boundary').map((one) => one.id));
  const shown = events.filter((one) => one.event !== 'boundary' || !settled.has(one.id));
  if (shown.length === 0) {
    const why = 'No training yet: forecasts come from the initial model.';
    if (list.textContent !== why) list.replaceChildren(element('li', 'empty', why));
    return;
  }
  if (list.firstElementChild?.classList.contains('empty')) list.replaceChildren();
  fill(list, shown.toReversed(), makeRow, updateRow);
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

function updateRow(row: HTMLElement, event: WireModelEvent): void {
  const [what, name, loss, when, reach] = row.children;
  row.className = `model-row ${event.event}`;
  const words = { boundary: 'training', switched: 'switched', refused: 'refused' };
  setText(what, `#${event.id} ${words[event.event]}`);
  setText(name, event.sha?.slice(0, 10) ?? '');
  row.title = event.reason ?? event.sha ?? '';
  const { lossBefore, lossAfter } = event;
  const isKnown = lossBefore !== null && lossAfter !== null;
  const change = isKnown ? percent(lossAfter / lossBefore - 1) : '';
  setText(
    loss,
    isKnown ? `loss ${decimal(lossBefore, 4)} → ${decimal(lossAfter, 4)}  ${change}` : '',
  );
  setText(reach, reachText(event));
  setText(
    when,
    event.reason ?? (event.eventTimeNs === null ? '' : clockTime(event.eventTimeNs).slice(0, 8)),
  );
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
