import { deflateRawSync } from 'node:zlib';

const FIN = 0x80;
const OPCODE = { text: 1, binary: 2 } as const;

/** Below this a frame is one packet anyway. */
const DEFLATE_FROM_BYTES = 1_024;
/**
 * Receivers from which deflating pays: it costs 8 ns a byte once, and saves two thirds of what every write copies
 * (docs/decisions/0022).
 */
export const DEFLATE_FROM_SHARES = 8;

/**
 * One message as the bytes of a WebSocket frame (RFC 6455; server to client, so unmasked), made once for all that receive it.
 * Deflated it is a binary message of its own: no context from one to the next, which is what lets receivers share it.
 */
export class WireFrame {
  readonly kind: 'text' | 'binary';
  readonly #shareCount: number;
  readonly #parts: readonly Uint8Array[];
  readonly #headLength: number;
  readonly #payloadLength: number;
  #plain: Uint8Array | null = null;
  #deflated: Uint8Array | null = null;

  /** `parts`: the payload, in pieces that do not change. `shareCount`: how many will receive it. */
  constructor(parts: readonly Uint8Array[], kind: 'text' | 'binary', shareCount = 1) {
    this.kind = kind;
    this.#shareCount = shareCount;
    this.#parts = parts;
    this.#payloadLength = lengthOf(parts);
    this.#headLength = headLengthOf(this.#payloadLength);
  }

  static text(text: string): WireFrame {
    return new WireFrame([Buffer.from(text)], 'text');
  }

  get isShared(): boolean {
    return this.#shareCount > 1;
  }

  get payload(): Uint8Array {
    return this.bytes(false).subarray(this.#headLength);
  }

  /** Head and payload, not deflated. */
  get byteLength(): number {
    return this.#headLength + this.#payloadLength;
  }

  /** As it goes to a receiver that takes deflated messages, or does not. */
  bytes(mayDeflate: boolean): Uint8Array {
    if (mayDeflate && this.#isWorthDeflating()) {
      this.#deflated ??= deflated(this.payload);
      return this.#deflated;
    }
    if (this.#plain === null) {
      this.#plain = Buffer.allocUnsafe(this.byteLength);
      this.copyTo(this.#plain);
    }
    return this.#plain;
  }

  /** The same, not deflated, into memory of someone else's. */
  copyTo(target: Uint8Array): void {
    writeHead(target, FIN | OPCODE[this.kind], this.#payloadLength);
    let at = this.#headLength;
    for (const part of this.#parts) {
      // A comma: a call into the host costs more than one byte.
      if (part.length === 1) target[at] = part[0];
      else target.set(part, at);
      at += part.length;
    }
  }

  #isWorthDeflating(): boolean {
    return this.#shareCount >= DEFLATE_FROM_SHARES && this.byteLength >= DEFLATE_FROM_BYTES;
  }
}

function deflated(payload: Uint8Array): Uint8Array {
  const short = deflateRawSync(payload, { level: 1 });
  const headLength = headLengthOf(short.length);
  const frame = Buffer.allocUnsafe(headLength + short.length);
  writeHead(frame, FIN | OPCODE.binary, short.length);
  frame.set(short, headLength);
  return frame;
}

function writeHead(frame: Uint8Array, first: number, length: number): void {
  frame[0] = first;
  if (length < 126) {
    frame[1] = length;
    return;
  }
  const lengthBytes = length < 65_536 ? 2 : 8;
  frame[1] = lengthBytes === 2 ? 126 : 127;
  let rest = length;
  for (let at = 1 + lengthBytes; at > 1; at -= 1) {
    frame[at] = rest % 256;
    rest = Math.floor(rest / 256);
  }
}

function lengthOf(parts: readonly Uint8Array[]): number {
  let length = 0;
  for (const part of parts) length += part.length;
  return length;
}

function headLengthOf(length: number): 2 | 4 | 10 {
  if (length < 126) return 2;
  return length < 65_536 ? 4 : 10;
}
