/** One client as the fan-outs see it. */
export interface Receiver {
  send(frame: string): void;
  /** Has so much unsent that only the newest should follow. */
  isBehind(): boolean;
}
