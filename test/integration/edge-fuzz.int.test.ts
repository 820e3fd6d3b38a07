import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { Random } from '#shared/nn/random.ts';
import { Heard } from '#test/builders/heard.ts';
import {
  afterAnInflation,
  fatalFrames,
  frame,
  hostilePack,
  hostileRequest,
  hostileText,
  manyHeadedHandshake,
  tinyFragments,
} from '#test/builders/hostile-frames.ts';
import { RunningGateway } from '#test/builders/running-gateway.ts';
import { TOKEN_SECRET } from '#test/builders/tokens.ts';

const IS_LONG = process.env['FORETICK_TEST_LONG'] !== undefined;
const FRAMES = IS_LONG ? 1_000_000 : 100_000;
const LIMIT_MS = IS_LONG ? 3_600_000 : 240_000;
const PER_CONNECTION = 200;
const MOST_DRIFT_BYTES = 50 * 1024 * 1024;
const AT_ONCE = 8;

let gateway: RunningGateway;
/** Asks for tokens, which nobody has. */
let guarded: RunningGateway;

beforeAll(async () => {
  // So many requests are allowed that they are read, not only counted.
  const wide = { requestsPerSecond: 1_000_000, connections: 10_000 };
  gateway = await RunningGateway.start(wide);
  guarded = await RunningGateway.start({ ...wide, authSecret: TOKEN_SECRET });
  await Promise.all([gateway.tell('step 50'), guarded.tell('step 50')]);
});

afterAll(() => Promise.all([gateway.stop(), guarded.stop()]));

test(
  `${FRAMES} frames and requests that no client would send end no gateway and leave nothing in its memory`,
  async () => {
    const random = new Random(20_261_123);
    await batches(random, FRAMES / 5);
    const before = await memory();
    await batches(random, (FRAMES * 4) / 5);
    const drift = (await memory()) - before;
    expect(gateway.complaints).toBe('');
    expect(guarded.complaints).toBe('');
    expect(drift).toBeLessThan(MOST_DRIFT_BYTES);
    expect(await gateway.tell('prototype')).toEqual({ names: [] });
    expect(await guarded.tell('prototype')).toEqual({ names: [] });
    await expectToServe();
    console.log({ frames: FRAMES, driftMiB: Math.round(drift / 2 ** 20) });
  },
  LIMIT_MS,
);

test.each([1_990, 2_000, 2_010])(
  'a handshake with %i headers before its own is answered or refused, and ends no gateway',
  async (headers) => {
    const answer = await asked(manyHeadedHandshake(headers));
    expect(answer).toMatch(/^HTTP\/1\.1 (101|4\d\d) /);
    expect(gateway.isAlive).toBe(true);
    await expectToServe();
  },
);

test('a message to be inflated is refused before it is, whatever follows it', async () => {
  const socket = await handshaken('foretick.v1');
  const closed = closeOf(socket);
  for (const part of afterAnInflation()) socket.write(part);
  socket.end();
  await closed;
  await expectToServe();
  expect(gateway.complaints).toBe('');
});

test('a request in fragments of one byte each is read where it has no more than the limit', async () => {
  const socket = await handshaken('foretick.v1');
  socket.write(Buffer.concat(tinyFragments(64)));
  await until(socket, '{"id":1,"result":{}}');
  socket.destroy();
});

async function batches(random: Random, count: number): Promise<void> {
  let left = count;
  const one = async (): Promise<void> => {
    while (left > 0) {
      left -= PER_CONNECTION;
      if (!gateway.isAlive) throw new Error(`the gateway ended: ${gateway.complaints}`);
      await session(random, PER_CONNECTION - 20);
      for (let k = 0; k < 18; k += 1) await asked(hostileRequest(random));
      await knock(random);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
}

/** So many requests that are answered, then what ends the connection. */
async function session(random: Random, count: number): Promise<void> {
  const isPacked = random.integer(3) === 0;
  const socket = await handshaken(isPacked ? 'foretick.v1.msgpack' : 'foretick.v1');
  const closed = closeOf(socket);
  for (let k = 0; k < count; k += 1) {
    const payload = isPacked ? hostilePack(random) : Buffer.from(hostileText(random));
    if (payload.length < 65_536) socket.write(frame(payload, { opcode: isPacked ? 2 : 1 }));
  }
  socket.write(Buffer.concat(fatalFrames(random)));
  // What ends nothing by itself is ended here.
  socket.end();
  await closed;
}

/** At a door that opens to nobody: what has no token is refused before anything else is read of it. */
async function knock(random: Random): Promise<void> {
  if (!guarded.isAlive) throw new Error(`the gateway ended: ${guarded.complaints}`);
  const socket = await handshaken('foretick.v1', guarded.port);
  const closed = closeOf(socket);
  socket.write(frame(Buffer.from(hostileText(random)), {}));
  socket.write(Buffer.concat(fatalFrames(random)));
  socket.end();
  await closed;
}

async function handshaken(subprotocol: string, port = gateway.port) {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  socket.on('error', () => socket.destroy());
  socket.write(
    [
      'GET /v1/stream HTTP/1.1',
      'Host: 127.0.0.1',
      'Upgrade: websocket',
      'Connection: Upgrade',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
      'Sec-WebSocket-Extensions: permessage-deflate',
      `Sec-WebSocket-Protocol: ${subprotocol}`,
      '\r\n',
    ].join('\r\n'),
  );
  await new Promise((resolve) => {
    socket.once('data', resolve);
    socket.once('close', resolve);
  });
  socket.resume();
  return socket;
}

/** Also of one that was reset. */
function closeOf(socket: Socket): Promise<unknown> {
  return new Promise((resolve) => socket.once('close', resolve));
}

async function asked(text: string): Promise<string> {
  const socket = connect({ port: gateway.port, host: '127.0.0.1' });
  const closed = closeOf(socket);
  socket.on('error', () => socket.destroy());
  let answer = '';
  socket.on('data', (part) => {
    answer += part.toString('latin1');
  });
  socket.end(text, 'latin1');
  await closed;
  return answer;
}

async function until(socket: Socket, text: string): Promise<void> {
  let heard = '';
  for await (const part of socket) {
    heard += part;
    if (heard.includes(text)) return;
  }
  throw new Error(`the gateway closed without ${text}: ${heard}`);
}

async function memory(): Promise<number> {
  const { rssBytes } = await gateway.tell<{ rssBytes: number }>('memory');
  return rssBytes;
}

async function expectToServe(): Promise<void> {
  const health = await fetch(`http://127.0.0.1:${gateway.port}/healthz`);
  expect(health.status).toBe(200);
  const socket = new WebSocket(`ws://127.0.0.1:${gateway.port}/v1/stream`);
  const heard = new Heard<{ type?: string }>();
  socket.on('message', (text) => heard.push(JSON.parse(String(text))));
  await once(socket, 'open');
  socket.send('{"id":1,"method":"subscribe","params":{"channels":["forecasts"],"symbols":["*"]}}');
  await heard.until((all) => all.some(({ type }) => type === 'snapshot'), 'a snapshot');
  await gateway.tell('step 1');
  await heard.until((all) => all.some(({ type }) => type === 'update'), 'an update');
  socket.terminate();
}
