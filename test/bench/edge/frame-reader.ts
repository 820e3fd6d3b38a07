import { randomFillSync } from 'node:crypto';

const MASK = randomFillSync(Buffer.alloc(4));

const CONTINUATION = 0;
const BINARY = 2;
/** Of a frame's first byte: deflated (RFC 7692). */
const RSV1 = 0x40;
const FIN = 0x80;
const PING = 9;

export interface FrameListener {
  onOpen(): void;
  onMessage(payload: Buffer, isDeflated: boolean): void;
  onPing(): void;
}

/** Takes parts that change once they were taken. The answer to a handshake, then messages of a server (RFC 6455), whose frames are not masked. */
export class FrameReader {
  readonly #heard: FrameListener;
  #parts: Buffer[] = [];
  #length = 0;
  #needed = 1;
  #isOpen = false;
  #fragments: Buffer[] = [];
  #isDeflated = false;

  constructor(heard: FrameListener) {
    this.#heard = heard;
  }

  push(part: Buffer): void {
    this.#length += part.length;
    if (this.#length < this.#needed) {
      this.#parts.push(Buffer.from(part));
      return;
    }
    this.#parts.push(part);
    let rest = this.#parts.length === 1 ? part : Buffer.concat(this.#parts);
    if (!this.#isOpen) rest = this.#open(rest);
    if (this.#isOpen) rest = this.#frames(rest);
    this.#parts = rest.length === 0 ? [] : [Buffer.from(rest)];
    this.#length = rest.length;
    // What the parts lie in is read into again.
    this.#fragments = this.#fragments.map((fragment) => Buffer.from(fragment));
  }

  #open(bytes: Buffer): Buffer {
    const end = bytes.indexOf('\r\n\r\n');
    if (end < 0) return bytes;
    if (!bytes.subarray(0, 12).includes('101')) throw new Error(bytes.toString('latin1', 0, 200));
    this.#isOpen = true;
    this.#heard.onOpen();
    return bytes.subarray(end + 4);
  }

  #frames(bytes: Buffer): Buffer {
    let at = 0;
    for (;;) {
      const head = headOf(bytes, at);
      this.#needed = head === null ? bytes.length - at + 1 : head.from + head.length - at;
      if (head === null || head.from + head.length > bytes.length) return bytes.subarray(at);
      const opcode = bytes[at] & 0x0f;
      const payload = bytes.subarray(head.from, head.from + head.length);
      if (opcode <= BINARY) this.#fragment(bytes[at], payload);
      else if (opcode === PING) this.#heard.onPing();
      at = head.from + head.length;
    }
  }

  #fragment(head: number, payload: Buffer): void {
    const opcode = head & 0x0f;
    if (opcode !== CONTINUATION) this.#isDeflated = opcode === BINARY || (head & RSV1) !== 0;
    this.#fragments.push(payload);
    if ((head & FIN) === 0) return;
    const whole = this.#fragments.length === 1 ? payload : Buffer.concat(this.#fragments);
    this.#fragments = [];
    this.#heard.onMessage(whole, this.#isDeflated);
  }
}

function headOf(bytes: Buffer, at: number): { from: number; length: number } | null {
  if (bytes.length - at < 10) {
    const isWhole = bytes.length - at >= 2 && bytes.length - at >= 2 + (bytes[at + 1] & 0x7f);
    if (!isWhole) return null;
  }
  const short = bytes[at + 1] & 0x7f;
  if (short < 126) return { from: at + 2, length: short };
  if (short === 126) return { from: at + 4, length: bytes.readUInt16BE(at + 2) };
  return { from: at + 10, length: Number(bytes.readBigUInt64BE(at + 2)) };
}

/** A text message as a client sends it. */
export function maskedText(text: string): Buffer {
  const payload = Buffer.from(text);
  const head = Buffer.alloc(4);
  head[0] = 0x81;
  head[1] = 0x80 | 126;
  head.writeUInt16BE(payload.length, 2);
  for (let k = 0; k < payload.length; k += 1) payload[k] ^= MASK[k % 4];
  return Buffer.concat([head, MASK, payload]);
}

/** The answer to a ping that carries nothing. */
export const MASKED_PONG = Buffer.concat([Buffer.of(0x8a, 0x80), MASK]);
