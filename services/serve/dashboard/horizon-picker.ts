import { byId, element, fill, setText } from './element.ts';
import { ticks } from './number-text.ts';

/** So many stand side by side; more are a slider. */
const MOST_BUTTONS = 6;

/** Which horizon the page speaks of. */
export class HorizonPicker {
  readonly #host = byId('horizons');
  readonly #slider = byId('horizon-slider') as HTMLInputElement;
  #horizons: readonly number[] = [];
  #chosen = 0;

  constructor(onChange: () => void) {
    this.#host.addEventListener('click', (event) => {
      const button = (event.target as Element).closest('button');
      if (button === null) return;
      this.#chosen = Number(button.dataset['horizon']);
      onChange();
    });
    this.#slider.addEventListener('input', () => {
      this.#chosen = this.#horizons[Number(this.#slider.value)] ?? this.#chosen;
      onChange();
    });
  }

  /** The chosen one, of these: the middle one where the one before is not among them. */
  choiceOf(horizons: readonly number[]): number {
    if (horizons.length > 0 && !horizons.includes(this.#chosen)) {
      this.#chosen = horizons[Math.floor((horizons.length - 1) / 2)] ?? 1;
    }
    this.#horizons = horizons;
    this.#show();
    return this.#chosen;
  }

  #show(): void {
    const isLong = this.#horizons.length > MOST_BUTTONS;
    this.#host.hidden = isLong;
    byId('horizon-long').hidden = !isLong;
    if (isLong) this.#showSlider();
    else this.#showButtons();
  }

  #showSlider(): void {
    const at = `${this.#horizons.indexOf(this.#chosen)}`;
    const most = `${this.#horizons.length - 1}`;
    if (this.#slider.max !== most) this.#slider.max = most;
    if (this.#slider.value !== at) this.#slider.value = at;
    const words = `${ticks(this.#chosen)} ahead`;
    this.#slider.setAttribute('aria-valuetext', words);
    setText(byId('horizon-value'), words);
  }

  #showButtons(): void {
    fill(this.#host, this.#horizons, makeButton, (button, horizon) => {
      button.dataset['horizon'] = `${horizon}`;
      button.setAttribute('aria-pressed', `${horizon === this.#chosen}`);
      setText(button, ticks(horizon));
    });
  }
}

function makeButton(): HTMLElement {
  const button = element('button');
  button.setAttribute('type', 'button');
  return button;
}
