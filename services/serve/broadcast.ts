import type { ServerMessage } from '#shared/wire/message.ts';
import { FrameByEncoding, frameOf } from './message-encoding.ts';
import type { Receiver } from './receiver.ts';

/** Rare messages, the same to every receiver, for channels without symbols. */
export class Broadcast {
  readonly #receivers = new Set<Receiver>();

  join(receiver: Receiver): void {
    this.#receivers.add(receiver);
  }

  leave(receiver: Receiver): void {
    this.#receivers.delete(receiver);
  }

  tell(message: ServerMessage): void {
    const frames = new FrameByEncoding((encoding) => frameOf(message, encoding));
    for (const receiver of this.#receivers) receiver.send(frames.in(receiver.encoding));
  }
}
