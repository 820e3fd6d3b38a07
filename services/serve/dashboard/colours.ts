/** The colours that a canvas needs, from the style sheet, so that light and dark are decided in one place. */
export interface Colours {
  readonly ink: string;
  readonly faint: string;
  readonly grid: string;
  readonly fan: string;
  readonly miss: string;
}

const dark = matchMedia('(prefers-color-scheme: dark)');
let kept: Colours | null = null;
dark.addEventListener('change', () => {
  kept = null;
});

export function colours(): Colours {
  kept ??= read();
  return kept;
}

function read(): Colours {
  const style = getComputedStyle(document.documentElement);
  const of = (name: string) => style.getPropertyValue(name).trim();
  return {
    ink: of('--ink'),
    faint: of('--faint'),
    grid: of('--grid'),
    fan: of('--fan'),
    miss: of('--down'),
  };
}
