import { deflateRawSync } from 'node:zlib';
import { encode } from '@msgpack/msgpack';
import type { Random } from '#shared/nn/random.ts';

/** Opcodes of RFC 6455. */
const [CONTINUATION, TEXT, BINARY, CLOSE, PING] = [0, 1, 2, 8, 9];

interface FrameOptions {
  readonly opcode?: number;
  readonly fin?: boolean;
  readonly rsv1?: boolean;
  readonly isMasked?: boolean;
  /** What the head says; differs from the payload's where a head lies. */
  readonly length?: number;
}

/** A client's frame, right or wrong. */
export function frame(payload: Uint8Array, options: FrameOptions = {}): Buffer {
  const { opcode = TEXT, fin = true, rsv1 = false, isMasked = true } = options;
  const { length = payload.length } = options;
  const head = [(fin ? 0x80 : 0) | (rsv1 ? 0x40 : 0) | opcode];
  const mask = isMasked ? 0x80 : 0;
  if (length < 126) head.push(mask | length);
  else if (length < 65_536) head.push(mask | 126, length >> 8, length & 255);
  else
    head.push(mask | 127, 0, 0, 0, 0, ...[24, 16, 8, 0].map((shift) => (length >>> shift) & 255));
  const key = isMasked ? [1, 2, 3, 4] : [];
  const body = payload.map((byte, k) => (isMasked ? byte ^ key[k % 4] : byte));
  return Buffer.concat([Buffer.from([...head, ...key]), body]);
}

const bytes = (text: string) => Buffer.from(text);

/** Texts that are JSON, or nearly, with an id, so that the session lives on and answers each. */
export function hostileText(random: Random): string {
  const id = random.integer(1_000);
  const value = hostileValue(random, 0);
  const method = pick(random, METHODS);
  switch (random.integer(9)) {
    case 0:
      return `{"id":${id},"method":${JSON.stringify(value)}}`;
    case 1:
      return `{"id":${id},"method":"${method}","params":${JSON.stringify(value)}}`;
    case 2:
      return `{"id":${id},"method":"subscribe","params":{"channels":["forecasts"],"symbols":${JSON.stringify([value, 'a'])}}}`;
    case 3:
      return `{"id":${id},"__proto__":{"method":"ping"},"method":"${method}","constructor":{"prototype":1}}`;
    case 4:
      return `{"id":${id},"method":"subscribe","params":{"channels":["ticks"],"symbols":["*"],"__proto__":{"isAdmin":true}}}`;
    case 5:
      return `{"id":${id},"method":"subscribe","params":{"channels":["forecasts"],"symbols":["${'*a'.repeat(random.integer(33))}"],"maxRateHz":${hostileNumber(random)}}}`;
    case 6:
      return `{"id":${id},"method":"subscribe","params":{"channels":["forecasts"],"symbols":["*"],"position":{"run":${JSON.stringify(value)},"src":{"0":"${hostileNumber(random)}"}}}}`;
    case 7:
      return `{"id":${id},"method":"subscribe","params":{"channels":["forecasts"],"symbols":["*"],"maxRateHz":${1 + random.integer(50)},"delta":${JSON.stringify(random.integer(2) === 0 || value)}}}`;
    default: {
      const depth = random.integer(12_000);
      return `{"id":${id},"method":${'['.repeat(depth)}${']'.repeat(depth)}}`;
    }
  }
}

/** The same as MessagePack. */
export function hostilePack(random: Random): Uint8Array {
  const id = random.integer(1_000);
  const method = pick(random, [...METHODS, hostileValue(random, 0)]);
  return encode({ id, method, params: hostileValue(random, 0) });
}

/** What ends a connection: broken frames, and messages that are no requests. */
export function fatalFrames(random: Random): Buffer[] {
  const zeros = Buffer.alloc(1 + random.integer(200));
  switch (random.integer(18)) {
    case 0:
      return [frame(zeros, { length: 70_000 })];
    case 1:
      return [frame(zeros, { length: 0x7fffffff })];
    case 2:
      return [frame(Buffer.from([0xc3, 0x28, 0xff, 0xfe]))];
    case 3:
      return [frame(zeros, { isMasked: false })];
    case 4:
      return [frame(zeros, { opcode: 3 + random.integer(5) })];
    case 5:
      return [frame(zeros, { rsv1: true })];
    case 6:
      return [frame(Buffer.alloc(126), { opcode: PING })];
    case 7:
      return [frame(zeros, { opcode: CONTINUATION })];
    case 8:
      return [frame(Buffer.from([random.integer(256), random.integer(256)]), { opcode: CLOSE })];
    case 9:
      return tinyFragments(200);
    case 10:
      return [frame(deflateRawSync(Buffer.alloc(20_000_000)), { rsv1: true })];
    case 11:
      return [frame(Buffer.from([0xdd, 0x01, 0xff, 0xff, 0xff]), { opcode: BINARY })];
    case 12:
      return [frame(bytes('[[[[['.repeat(10_000)))];
    case 13:
      return [frame(Buffer.alloc(65_537, ' '))];
    case 14:
      return fragments([Buffer.alloc(40_000, ' '), Buffer.alloc(40_000, ' ')]);
    case 15:
      // A letter of two bytes, of which the second never comes.
      return fragments([bytes('{"id":1,"method":"'), Buffer.from([0xc3]), bytes('"}')]);
    case 16:
      return [frame(Buffer.alloc(60_000, 0x91), { opcode: BINARY })];
    default:
      return [frame(bytes(JSON.stringify(hostileValue(random, 0)) ?? 'null'))];
  }
}

/** Whole requests in pieces of one byte, few enough to be allowed. */
export function tinyFragments(count: number): Buffer[] {
  const text = bytes('{"id":1,"method":"ping"}'.padEnd(count));
  return fragments(Array.from(text.subarray(0, count), (byte) => Uint8Array.of(byte)));
}

/** One message in pieces. */
function fragments(parts: readonly Uint8Array[]): Buffer[] {
  return parts.map((part, k) =>
    frame(part, { opcode: k === 0 ? TEXT : CONTINUATION, fin: k === parts.length - 1 }),
  );
}

/**
 * What ends a server that inflates with ws 8.23, in the order of its writes: a message that inflates for a while, a close frame
 * that is wrong, and more (docs/decisions/dependencies.md).
 */
export function afterAnInflation(): Buffer[] {
  const slow = frame(deflateRawSync(Buffer.alloc(40_000_000)), { opcode: BINARY, rsv1: true });
  return [slow, frame(Buffer.from([0, 0]), { opcode: CLOSE }), Buffer.alloc(64)];
}

/** A handshake with so many headers before those that matter: a server keeps 2,000, and drops the others. */
export function manyHeadedHandshake(headers: number): string {
  const many = Array.from({ length: headers }, (_, k) => `${k.toString(36)}:`);
  const asked = ['Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 13'];
  const key = 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==';
  const lines = ['GET /v1/stream HTTP/1.1', 'Host: 127.0.0.1', ...many, ...asked, key];
  return `${lines.join('\r\n')}\r\n\r\n`;
}

/** HTTP that no browser says. */
export function hostileRequest(random: Random): string {
  const path = `/${Array.from({ length: random.integer(40) }, () => String.fromCharCode(33 + random.integer(94))).join('')}`;
  const host = 'Host: 127.0.0.1\r\nConnection: close\r\n';
  switch (random.integer(10)) {
    case 0:
      return `GET /v1/symbols HTTP/1.1\r\n${host}${Array.from({ length: 2_000 }, (_, k) => `X-${k}: ${k}\r\n`).join('')}\r\n`;
    case 1:
      return `GET /v1/symbols HTTP/1.1\r\n${host}Cookie: ${'x'.repeat(40_000)}\r\n\r\n`;
    case 2:
      return `GET /udf/history?symbol=${path}&from=${hostileNumber(random)}&to=${hostileNumber(random)}&countback=${hostileNumber(random)}&resolution=1S HTTP/1.1\r\n${host}\r\n`;
    case 3:
      return `GET /v1/forecasts/%${random.integer(256).toString(16)}%00${path} HTTP/1.1\r\n${host}\r\n`;
    case 4:
      return `POST /v1/symbols HTTP/1.1\r\n${host}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`;
    case 5:
      return `GET /v1/stream HTTP/1.1\r\n${host}Upgrade: websocket\r\nSec-WebSocket-Key: x\r\n\r\n`;
    case 6:
      return `GET /v1/forecasts/sim%3AALPHA?history=${hostileNumber(random)} HTTP/1.1\r\n${host}Authorization: Bearer ${path}\r\n\r\n`;
    case 7:
      return manyHeadedHandshake(1_990 + random.integer(30));
    case 8:
      return `POST /v1/symbols HTTP/1.1\r\n${host}Content-Length: 100000\r\n\r\n${'x'.repeat(100_000)}`;
    default:
      return `${pick(random, ['GET', 'PUT', 'TRACE', 'G\u0000T'])} ${path} HTTP/1.1\r\n${host}\r\n`;
  }
}

const METHODS = ['authenticate', 'subscribe', 'unsubscribe', 'ping', '__proto__', 'toString', ''];

function hostileValue(random: Random, depth: number): unknown {
  const inner = () => hostileValue(random, depth + 1);
  switch (random.integer(depth > 3 ? 6 : 9)) {
    case 0:
      return null;
    case 1:
      return random.integer(2) === 0;
    case 2:
      return Number(hostileNumber(random)) || 0;
    case 3:
      return pick(random, ['', '*', 'a'.repeat(70), '\ud800', '\u0000', 'sim:ALPHA', '__proto__']);
    case 4:
      return 'x'.repeat(random.integer(2_000));
    case 5:
      return random.integer(1_000);
    case 6:
      return Array.from({ length: random.integer(20) }, inner);
    default:
      return Object.fromEntries(
        ['channels', 'symbols', 'position', 'src', 'toString', 'id', 'token']
          .filter(() => random.integer(2) === 0)
          .map((key) => [key, inner()]),
      );
  }
}

function hostileNumber(random: Random): string {
  return pick(random, [
    '0',
    '-1',
    '1e308',
    '-0',
    '1e-320',
    '99999999999999999999',
    '0.1',
    'NaN',
    '7',
  ]);
}

function pick<T>(random: Random, from: readonly T[]): T {
  return from[random.integer(from.length)];
}
