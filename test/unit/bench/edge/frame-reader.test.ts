import { expect, test } from 'vitest';
import { FrameReader } from '#test/bench/edge/frame-reader.ts';

const FIN = 0x80;
const DEFLATED = 0x40;
const [CONTINUATION, TEXT, BINARY, PING] = [0, 1, 2, 9];

const frame = (head: number, text: string): Buffer =>
  Buffer.concat([Buffer.of(head, text.length), Buffer.from(text)]);

/** What a reader hears of bytes that reach it in parts of one size, each in the memory of the one before. */
function heardOf(bytes: Buffer, size: number): string[] {
  const heard: string[] = [];
  const reader = new FrameReader({
    onOpen: () => heard.push('open'),
    onMessage: (payload, isDeflated) =>
      heard.push(`${isDeflated ? 'deflated' : 'plain'} ${payload}`),
    onPing: () => heard.push('ping'),
  });
  const memory = Buffer.alloc(size);
  for (let at = 0; at < bytes.length; at += size) {
    const length = bytes.copy(memory, 0, at, at + size);
    reader.push(memory.subarray(0, length));
  }
  return heard;
}

test('a message is whole, wherever its bytes are cut', () => {
  const bytes = Buffer.concat([
    Buffer.from('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n'),
    frame(FIN | TEXT, 'one frame'),
    frame(TEXT | DEFLATED, 'in three '),
    frame(CONTINUATION, 'fragments '),
    frame(FIN | PING, ''),
    frame(FIN | CONTINUATION, 'around a ping'),
    frame(FIN | BINARY, 'ours'),
    frame(FIN | TEXT, 'and on'),
  ]);
  for (let size = 1; size <= bytes.length; size += 1) {
    expect(heardOf(bytes, size), `in parts of ${size} bytes`).toEqual([
      'open',
      'plain one frame',
      'ping',
      'deflated in three fragments around a ping',
      'deflated ours',
      'plain and on',
    ]);
  }
});
