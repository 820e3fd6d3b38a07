const FLASH_MS = 700;
const calm = matchMedia('(prefers-reduced-motion: reduce)');
const shown = new WeakMap<Element, { readonly of: string; readonly value: number }>();

/** A number that moved takes the colour of its direction for a moment; `of` says whose it is, as rows are used for many. */
export function flash(at: Element, of: string, value: number | null): void {
  const before = shown.get(at);
  if (value === null) return;
  shown.set(at, { of, value });
  if (before?.of !== of || before.value === value || calm.matches) return;
  const colour = value > before.value ? 'var(--up)' : 'var(--down)';
  at.animate([{ color: colour }, { color: colour, offset: 0.3 }, {}], FLASH_MS);
}
