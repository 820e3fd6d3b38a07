/** Rows that are kept above and below what can be seen, so that scrolling shows no blank. */
const SPARE_ROWS = 6;

export interface VirtualRowsOptions<T> {
  readonly make: () => HTMLElement;
  /** Brings a row to what the item is now. */
  readonly update: (row: HTMLElement, item: T, index: number) => void;
  /** Told when other rows than before are in view. */
  readonly onView: () => void;
}

/**
 * A long list of rows of one height, of which only those in view are in the document. A row that leaves on one side is used
 * again on the other, so scrolling makes nothing.
 */
export class VirtualRows<T> {
  readonly #viewport: HTMLElement;
  readonly #sizer: HTMLElement;
  readonly #options: VirtualRowsOptions<T>;
  readonly #rows: HTMLElement[] = [];
  #items: readonly T[] = [];
  #rowPx = 0;
  #range = { from: 0, to: 0 };
  #awaitsFrame = false;

  constructor(viewport: HTMLElement, options: VirtualRowsOptions<T>) {
    this.#viewport = viewport;
    this.#options = options;
    this.#sizer = document.createElement('div');
    this.#sizer.className = 'sizer';
    this.#sizer.setAttribute('role', 'presentation');
    viewport.append(this.#sizer);
    viewport.addEventListener('scroll', () => this.#soon(), { passive: true });
    new ResizeObserver(() => {
      this.#rowPx = 0;
      this.#soon();
    }).observe(viewport);
  }

  show(items: readonly T[]): void {
    this.#items = items;
    this.#draw();
  }

  /** Those in view, the spare ones included. */
  inView(): readonly T[] {
    return this.#items.slice(this.#range.from, this.#range.to);
  }

  /** Rows that fit on one screen. */
  get pageRows(): number {
    return Math.max(1, Math.floor(this.#viewport.clientHeight / this.#rowHeight()) - 1);
  }

  reveal(index: number): void {
    const { scrollTop, clientHeight } = this.#viewport;
    const top = index * this.#rowHeight();
    const bottom = top + this.#rowHeight();
    if (top < scrollTop) this.#viewport.scrollTop = top;
    else if (bottom > scrollTop + clientHeight) this.#viewport.scrollTop = bottom - clientHeight;
    this.#draw();
  }

  /** Of the first such item among those in the document; null where none is. */
  rowOf(isSought: (item: T) => boolean): HTMLElement | null {
    const at = this.inView().findIndex(isSought);
    return at < 0 ? null : this.#rows[(this.#range.from + at) % this.#rows.length];
  }

  #soon(): void {
    if (this.#awaitsFrame) return;
    this.#awaitsFrame = true;
    requestAnimationFrame(() => {
      this.#awaitsFrame = false;
      this.#draw();
    });
  }

  #draw(): void {
    const height = this.#rowHeight();
    this.#sizer.style.setProperty('height', `${this.#items.length * height}px`);
    const { scrollTop, clientHeight } = this.#viewport;
    const count = Math.ceil(clientHeight / height) + 2 * SPARE_ROWS;
    const last = Math.max(0, this.#items.length - count);
    const from = Math.min(last, Math.max(0, Math.floor(scrollTop / height) - SPARE_ROWS));
    const to = Math.min(this.#items.length, from + count);
    this.#keep(to - from);
    for (let index = from; index < to; index += 1) this.#place(index, height);
    const hasMoved = from !== this.#range.from || to !== this.#range.to;
    this.#range = { from, to };
    if (hasMoved) this.#options.onView();
  }

  #keep(count: number): void {
    while (this.#rows.length > count) this.#rows.pop()?.remove();
    while (this.#rows.length < count) {
      const row = this.#options.make();
      this.#rows.push(row);
      this.#sizer.append(row);
    }
  }

  #place(index: number, height: number): void {
    const row = this.#rows[index % this.#rows.length];
    if (row.dataset['index'] !== `${index}`) {
      row.dataset['index'] = `${index}`;
      row.style.setProperty('transform', `translateY(${index * height}px)`);
    }
    this.#options.update(row, this.#items[index], index);
  }

  /** Of the style sheet, as a reader's larger text makes rows higher. */
  #rowHeight(): number {
    if (this.#rowPx > 0) return this.#rowPx;
    if (this.#rows.length === 0) this.#keep(1);
    this.#rowPx = Math.max(20, this.#rows[0].offsetHeight);
    for (const row of this.#rows) delete row.dataset['index'];
    return this.#rowPx;
  }
}
