import type { WireHorizonScore, WireScore } from '#shared/wire/message.ts';
import { element, fill, setText } from './element.ts';
import { decimal, percent, ticks } from './number-text.ts';
import { shown } from './shown-horizons.ts';
import { sparkline, sparklinePath } from './sparkline.ts';
import { tone } from './symbol-list.ts';

/** Rolling skill of each horizon: above zero the forecast beats the Gaussian with EWMA variance. */
export function showSkill(panel: HTMLElement, score: WireScore | null, isWarming: boolean): void {
  if (score === null) {
    const why = isWarming ? 'Warming up: forecasts are not yet scored.' : 'No scores yet.';
    if (panel.textContent !== why) panel.replaceChildren(element('p', 'empty', why));
    return;
  }
  if (panel.firstElementChild?.classList.contains('empty')) panel.replaceChildren();
  fill(panel, shown(score.horizons), makeRow, updateRow);
}

function makeRow(): HTMLElement {
  const row = element('div', 'skill-row');
  const about = element('p', 'skill-about');
  about.append(element('span', 'horizon-name'), element('span', 'muted'));
  row.append(about, sparkline('skill-spark', 160, 34), element('span', 'skill-value number'));
  return row;
}

function updateRow(row: HTMLElement, score: WireHorizonScore): void {
  const [about, spark, value] = row.children;
  setText(about.children[0], ticks(score.horizonTicks));
  const beats = `${percent(score.skillLastValue, 0)} on last value`;
  setText(about.children[1], beats);
  (about as HTMLElement).title = `over the newest ${decimal(score.count, 0)} scored origins`;
  sparklinePath(spark, score.trail, 0);
  setText(value, percent(score.skillEwmaGaussian));
  value.className = `skill-value number ${tone(score.skillEwmaGaussian ?? 0)}`;
}
