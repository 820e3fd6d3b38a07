import { type ConnectionFacts, connectionText, isLive, stateText } from './connection-text.ts';
import { setText } from './element.ts';

/** Says plainly whether what is shown is live. `news` is what a screen reader says by itself: not each second, as `line` changes. */
export function showConnection(line: HTMLElement, news: HTMLElement, facts: ConnectionFacts): void {
  const live = isLive(facts);
  line.dataset['state'] = facts.state.kind;
  line.dataset['live'] = `${live}`;
  document.documentElement.dataset['stale'] = `${!live && facts.isHolding}`;
  const text = connectionText(facts);
  setText(line.lastElementChild as Element, text);
  line.title = text;
  setText(news, stateText(facts));
}
