/** `localStorage` outlives the tab, `sessionStorage` does not. */
export type Memory = 'localStorage' | 'sessionStorage';

/** A text that was kept; null where there is none, or where the browser lets the page keep nothing. */
export function recall(memory: Memory, key: string): string | null {
  return allowed(() => window[memory].getItem(key)) ?? null;
}

/** Keeps the text, null forgets it. Where the browser does not let it the page goes on without. */
export function keep(memory: Memory, key: string, text: string | null): void {
  allowed(() => {
    if (text === null) window[memory].removeItem(key);
    else window[memory].setItem(key, text);
  });
}

/** Where storage is blocked, or full, each use of it throws a DOMException. */
function allowed<T>(use: () => T): T | undefined {
  try {
    return use();
  } catch (error) {
    if (error instanceof DOMException) return undefined;
    throw error;
  }
}
