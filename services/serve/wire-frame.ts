import { deflateRawSync } from 'node:zlib';

const FIN = 0x80;
const OPCODE = { text: 1, binary: 2 } as const;

/** Below this a frame is one packet anyway. */
const DEFLATE_FROM_BYTES = 1_024;
/**
 * Receivers from which deflating pays: it costs 8 ns a byte once, and saves two thirds of what every write copies
 * (docs/decisions/0022).
 */
const DEFLATE_FROM_SHARES = 8;

/**
 * One message as the bytes of a WebSocket frame (RFC 6455; server to client, so unmasked), made once for all that receive it.
 * Deflated it is a binary message of its own: no context from one to the next, which is what lets receivers share it.
 */
export class WireFrame {
  readonly kind: 'text' | 'binary';
  readonly #shareCount: number;
  readonly #plain: Uint8Array;
  readonly #headLength: number;
  #deflated: Uint8Array | null = null;

  /** `parts`: the payload, in pieces; they are copied. `shareCount`: how many will receive it. */
  constructor(parts: readonly Uint8Array[], kind: 'text' | 'binary', shareCount = 1) {
    this.kind = kind;
    this.#shareCount = shareCount;
    this.#plain = framed(parts, FIN | OPCODE[kind]);
    this.#headLength = headLengthOf(lengthOf(parts));
  }

  static text(text: string): WireFrame {
    return new WireFrame([Buffer.from(text)], 'text');
  }

  get payload(): Uint8Array {
    return this.#plain.subarray(this.#headLength);
  }

  /** As it goes to a receiver that takes deflated messages, or does not. */
  bytes(mayDeflate: boolean): Uint8Array {
    if (!mayDeflate || this.#shareCount < DEFLATE_FROM_SHARES) return this.#plain;
    if (this.#plain.length < DEFLATE_FROM_BYTES) return this.#plain;
    this.#deflated ??= framed([deflateRawSync(this.payload, { level: 1 })], FIN | OPCODE.binary);
    return this.#deflated;
  }
}

function framed(parts: readonly Uint8Array[], first: number): Uint8Array {
  const length = lengthOf(parts);
  const headLength = headLengthOf(length);
  const frame = Buffer.allocUnsafe(headLength + length);
  frame[0] = first;
  if (headLength === 2) {
    frame[1] = length;
  } else if (headLength === 4) {
    frame[1] = 126;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = 127;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  let at = headLength;
  for (const part of parts) {
    frame.set(part, at);
    at += part.length;
  }
  return frame;
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
