import type { Encoding } from './message-encoding.ts';
import type { WireFrame } from './wire-frame.ts';

/** One client as the fan-outs see it. */
export interface Receiver {
  readonly encoding: Encoding;
  send(frame: WireFrame): void;
  /** Has so much unsent that only the newest should follow. */
  isBehind(): boolean;
}
