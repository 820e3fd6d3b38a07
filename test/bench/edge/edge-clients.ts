import { connect, type Socket } from 'node:net';
import { constants, inflateRawSync } from 'node:zlib';
import type { ClientsAnswer, ClientsOrder, EdgeCase } from './edge-case.ts';
import { FrameReader, MASKED_PONG, maskedText } from './frame-reader.ts';

// All clients, in one process of their own. Bare sockets that read into the same memory, as a thousand WebSocket objects would
// be busier than the server.
const agesMs = new Float64Array(1_000_000);
/** Frames that were read once are known again by their bytes: many clients receive the same. */
const FRAMES_KEPT = 64;
/** Of clients with symbols of their own only some take their frames apart; the others count. */
const LOOK_AT_EACH = 20;
/** Of "originValue". */
const MARK = Buffer.from('Value"');
const READ_INTO = Buffer.allocUnsafeSlow(1_024 * 1_024);

const PATH = {
  ours: '/v1/stream',
  bare: '/',
  // Pings of its own protocol may stand among others' messages in a frame; these are WebSocket's.
  centrifuge: '/?cf_ws_frame_ping_pong=true',
};
const DEFLATE = {
  ours: 'Sec-WebSocket-Protocol: foretick.v1.deflate\r\n',
  bare: '',
  centrifuge:
    'Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover\r\n',
};

interface Seen {
  readonly payload: Buffer;
  readonly count: number;
  readonly oldestMs: number | null;
}

let delivered = 0;
let frames = 0;
let bytes = 0;
let ageCount = 0;
let cpuBefore = process.cpuUsage();
let seen: Seen[] = [];

process.on('message', (order: ClientsOrder) => {
  if (order.kind === 'connect') void connectAll(order.port, order.what);
  else if (order.kind === 'begin') begin();
  else end();
});
process.on('disconnect', () => process.exit(0));

function begin(): void {
  [delivered, frames, bytes, ageCount] = [0, 0, 0, 0];
  cpuBefore = process.cpuUsage();
  answer({ kind: 'begun' });
}

function end(): void {
  const { user, system } = process.cpuUsage(cpuBefore);
  const sorted = agesMs.slice(0, ageCount).sort();
  const at = (share: number) => sorted[Math.floor(share * ageCount)] ?? Number.NaN;
  const ageMs = { p50: at(0.5), p99: at(0.99) };
  answer({ kind: 'ended', delivered, frames, bytes, cpuSeconds: (user + system) / 1e6, ageMs });
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
  const isLookedAt = what.ownSymbols === undefined || index % LOOK_AT_EACH === 0;
  const isStalled = index < Math.round((what.stalled ?? 0) * what.clients);
  let isReady = false;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const ready = (): void => {
    isReady = true;
    resolve();
  };
  const reader = new FrameReader({
    onOpen: () => {
      if (what.server === 'bare') ready();
      else if (what.server === 'centrifuge') socket.write(maskedText('{"id":1,"connect":{}}'));
    },
    onMessage: (payload, isDeflated) => {
      if (isReady) take(payload, isDeflated, isLookedAt);
      else if (what.server === 'centrifuge') ready();
      else if (payload.includes('"welcome"')) subscribe(socket, what, ready);
      else if (!isDeflated && payload.includes('"recovered"')) ready();
    },
    onPing: () => socket.write(MASKED_PONG),
  });
  const callback = (length: number, memory: Uint8Array): boolean => {
    reader.push((memory as Buffer).subarray(0, length));
    return !(isReady && isStalled);
  };
  const onread = { buffer: () => READ_INTO, callback };
  const socket = connect({ port, host: '127.0.0.1', onread });
  const deflate = what.deflate === true ? DEFLATE[what.server] : '';
  socket.write(
    `GET ${PATH[what.server]} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n${deflate}\r\n`,
  );
  socket.on('error', reject);
  await promise;
}

function subscribe(socket: Socket, what: EdgeCase, resolve: () => void): void {
  if (what.isIdle === true) {
    resolve();
    return;
  }
  const names = Array.from({ length: what.symbolCount }, (_, k) => `bench:S${k}`);
  const symbols = what.ownSymbols === undefined ? names : drawn(names, what.ownSymbols);
  const params = { channels: ['forecasts'], symbols, delta: what.delta === true };
  socket.write(maskedText(JSON.stringify({ id: 1, method: 'subscribe', params })));
}

function drawn(names: string[], count: number): string[] {
  const chosen = new Set<string>();
  while (chosen.size < count) chosen.add(names[Math.floor(Math.random() * names.length)]);
  return [...chosen];
}

function take(payload: Buffer, isDeflated: boolean, isLookedAt: boolean): void {
  bytes += payload.length;
  frames += 1;
  if (!isLookedAt) {
    delivered += forecastsIn(payload);
    return;
  }
  const known = seen.findLast((one) => one.payload.equals(payload));
  const read = known ?? readFrame(payload, isDeflated);
  if (known === undefined) seen = [...seen.slice(-FRAMES_KEPT + 1), read];
  delivered += read.count;
  if (read.oldestMs === null || ageCount === agesMs.length) return;
  agesMs[ageCount] = performance.timeOrigin + performance.now() - read.oldestMs;
  ageCount += 1;
}

function readFrame(read: Buffer, isDeflated: boolean): Seen {
  const payload = Buffer.from(read);
  const plain = isDeflated
    ? inflateRawSync(payload, { finishFlush: constants.Z_SYNC_FLUSH })
    : payload;
  const isSnapshot = plain.subarray(0, 40).includes('snapshot');
  const count = isSnapshot ? 0 : forecastsIn(plain);
  return { payload, count, oldestMs: count === 0 ? null : oldest(plain) };
}

/** By what stands in each once, and begins with a letter that is rare: reading them all as JSON would be the measurement. */
function forecastsIn(plain: Buffer): number {
  let count = 0;
  for (let at = plain.indexOf(MARK); at >= 0; at = plain.indexOf(MARK, at + MARK.length)) {
    count += 1;
  }
  return count;
}

/** Forecasts stand in their order, so the first is the oldest. */
function oldest(plain: Buffer): number | null {
  const found = /"eventTimeNs":"(\d+)"/.exec(plain.toString('latin1', 0, 4_096));
  return found === null ? null : Number(BigInt(found[1]) / 1_000n) / 1_000;
}

function answer(message: ClientsAnswer): void {
  process.send?.(message);
}
