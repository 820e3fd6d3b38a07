import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { inflateRawSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { ClientSocket } from '#services/serve/client-socket.ts';
import { WireFrame } from '#services/serve/wire-frame.ts';
import { systemClock } from '#shared/runtime/system-clock.ts';
import { Heard } from '#test/builders/heard.ts';

const SIZES = [0, 125, 126, 1_023, 1_024, 65_535, 65_536, 300_000];

describe('a frame made once', () => {
  test.each([
    ['text', 'foretick.v1'],
    ['text, some of it deflated', 'foretick.v1.deflate'],
  ])('is read as %s in %s, whatever its size', async (_how, subprotocol) => {
    const { socket, heard } = await aPair(subprotocol);
    for (const size of SIZES) {
      for (const shareCount of [1, 1_000]) {
        socket.send(new WireFrame([Buffer.from(textOf(size))], 'text', shareCount));
      }
    }
    await heard.until((all) => all.length === 2 * SIZES.length, 'all frames');
    expect(heard.all).toEqual(SIZES.flatMap((size) => [textOf(size), textOf(size)]));
  });

  test('is read as it was by a client that begins to read late, whatever others were sent meanwhile', async () => {
    const late = await aPair('foretick.v1');
    const prompt = await aPair('foretick.v1');
    late.client.pause();
    const texts = Array.from({ length: 40 }, (_, k) => `${k} ${textOf(200_000)}`);
    for (const text of texts) {
      late.socket.send(WireFrame.text(text));
      prompt.socket.send(WireFrame.text('x'.repeat(300_000)));
      // In turns of their own, as flushes are: what the kernel takes at once differs from frame to frame.
      await nextTurn();
    }
    expect(late.socket.bufferedBytes()).toBeGreaterThan(0);
    late.client.resume();
    await late.heard.until((all) => all.length === texts.length, 'all frames');
    expect(late.heard.all).toEqual(texts);
  });

  test('is deflated only where many share it and the client takes it', () => {
    const payload = Buffer.from(textOf(10_000));
    expect(new WireFrame([payload], 'text', 8).bytes(true).length).toBeLessThan(5_000);
    expect(new WireFrame([payload], 'text', 8).bytes(false).length).toBe(10_004);
    expect(new WireFrame([payload], 'text', 7).bytes(true).length).toBe(10_004);
    const frame = new WireFrame([payload], 'text', 8);
    expect(frame.bytes(true)).toBe(frame.bytes(true));
  });

  test('is not written to a socket that is closing', async () => {
    const { socket, client, heard } = await aPair('foretick.v1');
    const closed = once(client, 'close');
    socket.close(3001, 'the server is stopping');
    socket.send(WireFrame.text('too late'));
    expect((await closed)[0]).toBe(3001);
    expect(heard.all).toEqual([]);
  });
});

function textOf(size: number): string {
  return Array.from({ length: Math.ceil(size / 7) }, (_, k) => `${1e6 + k * 31}`)
    .join('')
    .slice(0, size);
}

async function aPair(subprotocol: string) {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = new WebSocket(`ws://127.0.0.1:${port}`, [subprotocol]);
  onTestFinished(() => client.terminate());
  const heard = new Heard<string>();
  client.on('message', (data, isBinary) => {
    heard.push(String(isBinary ? inflateRawSync(data as Buffer) : data));
  });
  const [webSocket, request] = await once(server, 'connection');
  await once(client, 'open');
  const options = { clock: systemClock(), onClose: () => {} };
  return { socket: new ClientSocket(webSocket, request.socket, options), client, heard };
}
