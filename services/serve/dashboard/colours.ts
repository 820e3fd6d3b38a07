/** The colours that a canvas needs, from the style sheet, so that light, dark and paper are decided in one place. */
export interface Colours {
  readonly ink: string;
  readonly faint: string;
  readonly grid: string;
  readonly panel: string;
  readonly fan: string;
  readonly miss: string;
  readonly second: string;
  /** One for each expert that may speak in a forecast. */
  readonly experts: readonly string[];
}

/** Experts beyond these share the last colour. */
const EXPERTS = 8;

let kept: Colours | null = null;
const listeners = new Set<() => void>();
for (const query of ['(prefers-color-scheme: dark)', 'print']) {
  matchMedia(query).addEventListener('change', () => {
    kept = null;
    for (const call of listeners) call();
  });
}

export function colours(): Colours {
  kept ??= read();
  return kept;
}

/** Calls when the colours are others: between light and dark, and for paper. */
export function onColours(call: () => void): void {
  listeners.add(call);
}

function read(): Colours {
  const style = getComputedStyle(document.documentElement);
  const of = (name: string) => style.getPropertyValue(name).trim();
  return {
    ink: of('--ink'),
    faint: of('--faint'),
    grid: of('--grid'),
    panel: of('--panel'),
    fan: of('--fan'),
    miss: of('--down'),
    second: of('--second'),
    experts: Array.from({ length: EXPERTS }, (_, k) => of(`--expert-${k + 1}`)),
  };
}
