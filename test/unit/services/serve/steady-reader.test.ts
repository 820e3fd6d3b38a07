import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { OPEN_GRANT } from '#services/serve/access/grant.ts';
import { ClientSession } from '#services/serve/client-session.ts';
import { LiveFeed } from '#services/serve/live-feed.ts';
import { unsentBytes } from '#services/serve/unsent-bytes.ts';
import { WireFrame } from '#services/serve/wire-frame.ts';
import type { CloseCode } from '#shared/wire/close-code.ts';
import { aForecast } from '#test/builders/a-forecast.ts';
import { eventually } from '#test/builders/eventually.ts';

const MIB = 2 ** 20;
const LIMITS = {
  messageBytes: 65_536,
  requestsPerSecond: 5,
  fragments: 64,
  symbolsPerSubscription: 1,
  patternsPerSubscription: 1,
  connections: 10,
  bufferedBytes: MIB,
  slowMs: 5_000,
};
const SYMBOLS = 10_000;
const SUBSCRIBE =
  '{"id":1,"method":"subscribe","params":{"channels":["forecasts"],"symbols":["*"]}}';

test('a snapshot of ten thousand symbols reaches a client that reads slowly and steadily, whole, and what came meanwhile', async () => {
  const { session, peer, closes, unsent } = await aSession();
  session.receive(SUBSCRIBE);
  session.send(WireFrame.text('{"behind":"the snapshot"}'));
  expect(unsent()).toBeGreaterThan(8 * MIB);
  const read = new Reader(peer);
  session.checkPace(0);
  // A quarter of a MiB at least in each 4 s, of a clock that waits for it.
  let nowMs = 0;
  while (unsent() > 0) {
    nowMs += 4_000;
    const before = unsent();
    await eventually(async () => {
      await read.some(MIB / 4);
      expect(before - unsent()).toBeGreaterThan(Math.min(before - 1, MIB / 4));
    });
    session.checkPace(nowMs);
    expect(closes).toEqual([]);
  }
  // Over many times the 5 s: what is in one write is seen to leave bit by bit.
  expect(nowMs).toBeGreaterThan(10_000);
  await read.until('{"behind":"the snapshot"}');
  expect(read.byteCount).toBeGreaterThan(10 * MIB);
});

test('a client that reads nothing of it is told, and closed after its time', async () => {
  const { session, closes, unsent } = await aSession();
  session.receive(SUBSCRIBE);
  const before = unsent();
  session.checkPace(0);
  expect(unsent()).toBeGreaterThan(before);
  session.checkPace(4_999);
  expect(closes).toEqual([]);
  session.checkPace(5_000);
  expect(closes).toEqual([3008]);
});

async function aSession() {
  const { peer, socket } = await aConnection();
  const closes: CloseCode[] = [];
  const connection = {
    encoding: 'json' as const,
    send: (frame: WireFrame) => void socket.write(frame.bytes(false)),
    bufferedBytes: () => socket.writableLength,
    unsentBytes: () => unsentBytes(socket),
    close: (code: CloseCode) => closes.push(code),
  };
  const welcome = () => WireFrame.text('{}');
  const options = { feed: aFeed(), limits: LIMITS, nowMs: () => 0, verify: null, welcome };
  const session = new ClientSession(connection, options, OPEN_GRANT);
  return { session, peer, closes, unsent: () => unsentBytes(socket) };
}

function aFeed(): LiveFeed {
  const feed = new LiveFeed({ run: 'r', partitionCount: 1, ringEntries: 16 });
  const levels = Array.from({ length: 21 }, (_, k) => (k + 1) / 22);
  const horizon = aForecast({}).horizons[0];
  const horizons = [1, 10, 60].map((horizonTicks) => ({
    ...horizon,
    horizonTicks,
    quantiles: Float32Array.from(levels),
  }));
  for (let k = 0; k < SYMBOLS; k += 1) {
    const forecasts = [aForecast({ symbol: `venue:${k}`, horizons })];
    feed.takeForecasts(
      0,
      { levels, entries: [{ src: BigInt(k), prev: BigInt(k - 1), forecasts }] },
      0,
    );
  }
  return feed;
}

/** Both ends of one connection of this machine; the peer reads nothing unless it is told to. */
async function aConnection(): Promise<{ readonly peer: Socket; readonly socket: Socket }> {
  const server = createServer().listen(0, '127.0.0.1');
  const accepted = once(server, 'connection');
  await once(server, 'listening');
  const peer = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [socket] = (await accepted) as [Socket];
  onTestFinished(() => {
    peer.destroy();
    socket.destroy();
    server.close();
  });
  return { peer, socket };
}

/** Takes what it is told to take, and no more. */
class Reader {
  byteCount = 0;
  #end = '';
  readonly #peer: Socket;

  constructor(peer: Socket) {
    this.#peer = peer;
  }

  async some(bytes: number): Promise<void> {
    const enough = this.byteCount + bytes;
    while (this.byteCount < enough && this.#take()) await new Promise(setImmediate);
  }

  /** Until the text stands among the last that was read. */
  until(text: string): Promise<void> {
    return eventually(() => {
      this.#take();
      expect(this.#end).toContain(text);
    });
  }

  #take(): boolean {
    const piece = this.#peer.read() as Buffer | null;
    if (piece === null) return false;
    this.byteCount += piece.length;
    this.#end = `${this.#end}${piece}`.slice(-300);
    return true;
  }
}
