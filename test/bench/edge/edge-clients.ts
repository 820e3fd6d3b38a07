import { connect, type Socket } from 'node:net';
import { inflateRawSync } from 'node:zlib';
import type { ClientsAnswer, ClientsOrder, EdgeCase } from './edge-case.ts';
import { FrameReader, maskedText } from './frame-reader.ts';

// All clients, in one process of their own. Bare sockets, as a thousand WebSocket objects would be busier than the server.
const AGES_KEPT = 200_000;
/** Frames that were read once are known again by their bytes: many clients receive the same. */
const FRAMES_KEPT = 64;
/** Of clients with symbols of their own only some take their frames apart; the others count. */
const LOOK_AT_EACH = 20;

interface Seen {
  readonly payload: Buffer;
  readonly count: number;
  readonly oldestMs: number | null;
}

let delivered = 0;
let bytes = 0;
let agesMs: number[] = [];
let seen: Seen[] = [];

process.on('message', (order: ClientsOrder) => {
  if (order.kind === 'mark') mark();
  else void connectAll(order.port, order.what);
});
process.on('disconnect', () => process.exit(0));

function mark(): void {
  answer({ kind: 'marked', delivered, bytes, agesMs });
  [delivered, bytes, agesMs] = [0, 0, []];
}

async function connectAll(port: number, what: EdgeCase): Promise<void> {
  const batch = 100;
  for (let from = 0; from < what.clients; from += batch) {
    const count = Math.min(batch, what.clients - from);
    await Promise.all(Array.from({ length: count }, (_, k) => client(port, what, from + k)));
  }
  answer({ kind: 'connected' });
}

/** Resolves when it has its subscription (or, of a bare server, its connection). */
async function client(port: number, what: EdgeCase, index: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  const deflate = what.deflate === true ? 'Sec-WebSocket-Protocol: foretick.v1.deflate\r\n' : '';
  socket.write(
    `GET /v1/stream HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n${deflate}\r\n`,
  );
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const isLookedAt = what.ownSymbols === undefined || index % LOOK_AT_EACH === 0;
  const isReady = (payload: Buffer) => payload.includes('"recovered"');
  const reader = new FrameReader(
    () => {
      if (what.server === 'bare') resolve();
    },
    (payload, isDeflated) => {
      if (payload.includes('"welcome"')) subscribe(socket, what, resolve);
      else if (!isDeflated && isReady(payload)) resolve();
      else take(payload, isDeflated, isLookedAt);
    },
  );
  socket.on('data', (part) => reader.push(part));
  socket.on('error', reject);
  await promise;
  const stalledCount = Math.round((what.stalled ?? 0) * what.clients);
  if (index < stalledCount) socket.pause();
}

function subscribe(socket: Socket, what: EdgeCase, resolve: () => void): void {
  if (what.isIdle === true) {
    resolve();
    return;
  }
  const names = Array.from({ length: what.symbolCount }, (_, k) => `bench:S${k}`);
  const symbols = what.ownSymbols === undefined ? names : drawn(names, what.ownSymbols);
  const params = { channels: ['forecasts'], symbols };
  socket.write(maskedText(JSON.stringify({ id: 1, method: 'subscribe', params })));
}

function drawn(names: string[], count: number): string[] {
  const chosen = new Set<string>();
  while (chosen.size < count) chosen.add(names[Math.floor(Math.random() * names.length)]);
  return [...chosen];
}

function take(payload: Buffer, isDeflated: boolean, isLookedAt: boolean): void {
  bytes += payload.length;
  const known = seen.find((one) => one.payload.equals(payload));
  const read = known ?? readFrame(payload, isDeflated, isLookedAt);
  if (known === undefined && isLookedAt) seen = [...seen.slice(-FRAMES_KEPT + 1), read];
  delivered += read.count;
  if (read.oldestMs === null || agesMs.length >= AGES_KEPT) return;
  agesMs.push(performance.timeOrigin + performance.now() - read.oldestMs);
}

function readFrame(payload: Buffer, isDeflated: boolean, isLookedAt: boolean): Seen {
  const plain = isDeflated ? inflateRawSync(payload) : payload;
  let count = 0;
  for (
    let at = plain.indexOf('"originValue"');
    at >= 0;
    at = plain.indexOf('"originValue"', at + 9)
  ) {
    count += 1;
  }
  const isSnapshot = plain.subarray(0, 40).includes('snapshot');
  if (isSnapshot || count === 0) return { payload, count: 0, oldestMs: null };
  return { payload, count, oldestMs: isLookedAt ? oldest(plain) : null };
}

/** Forecasts stand in their order, so the first is the oldest. */
function oldest(plain: Buffer): number | null {
  const found = /"eventTimeNs":"(\d+)"/.exec(plain.toString('latin1', 0, 4_096));
  return found === null ? null : Number(BigInt(found[1]) / 1_000n) / 1_000;
}

function answer(message: ClientsAnswer): void {
  process.send?.(message);
}
