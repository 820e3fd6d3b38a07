import type { HealthMessage } from '#shared/wire/message.ts';
import { element, fill, setText } from './element.ts';
import { factsOf } from './health-facts.ts';

/** How the feed and the gateway are. */
export function showHealth(panel: HTMLElement, health: HealthMessage | null): void {
  if (health === null) return;
  if (panel.firstElementChild?.classList.contains('empty')) panel.replaceChildren();
  fill(panel, factsOf(health), makeFact, (row, fact) => {
    const [name, value] = row.children;
    setText(name, fact.name);
    setText(value, fact.value);
    row.dataset['bad'] = `${fact.isBad}`;
  });
}

function makeFact(): HTMLElement {
  const row = element('div', 'health-row');
  row.append(element('span', 'muted'), element('span', 'number'));
  return row;
}
