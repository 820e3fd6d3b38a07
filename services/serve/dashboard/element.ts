/** An element of the page that must be there. */
export function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no element #${id}`);
  return found;
}

export function element(name: string, className = '', text = ''): HTMLElement {
  const made = document.createElement(name);
  if (className !== '') made.className = className;
  if (text !== '') made.textContent = text;
  return made;
}

/** Writes only what differs: a page that changes ten times a second should not lay itself out for nothing. */
export function setText(target: Element, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}

/** Makes the children of a container one per item, reusing those that are there. */
export function fill<T>(
  container: Element,
  items: readonly T[],
  make: () => HTMLElement,
  update: (child: HTMLElement, item: T, index: number) => void,
): void {
  while (container.children.length > items.length) container.lastElementChild?.remove();
  while (container.children.length < items.length) container.append(make());
  items.forEach((item, k) => {
    update(container.children[k] as HTMLElement, item, k);
  });
}
