import { describe, expect, test } from 'vitest';
import { type Grant, grantOf, OPEN_GRANT } from '#services/serve/access/grant.ts';
import { ClientSession } from '#services/serve/client-session.ts';
import { LiveFeed } from '#services/serve/live-feed.ts';
import { TokenRefusedError } from '#services/serve/serve-errors.ts';
import { WireFrame } from '#services/serve/wire-frame.ts';
import { CLOSE_CODE } from '#shared/wire/close-code.ts';
import { aForecast } from '#test/builders/a-forecast.ts';

const LIMITS = {
  messageBytes: 65_536,
  requestsPerSecond: 5,
  fragments: 64,
  symbolsPerSubscription: 3,
  patternsPerSubscription: 1,
  connections: 10,
  bufferedBytes: 1_000,
  slowMs: 5_000,
};

describe('a client session', () => {
  test('answers a subscribe with the position, then sends a snapshot', () => {
    const { session, sent } = aSession();
    session.receive(subscribe(1, ['*']));
    expect(sent.map((one) => one.type ?? one.id)).toEqual([1, 'snapshot']);
    expect(sent[0].result).toEqual({
      recovered: false,
      position: { run: 'r', src: { 0: '0' } },
      unseen: [],
    });
  });

  test('sends what was missed instead of a snapshot when the position is known', () => {
    const { session, sent, feed } = aSession();
    feed.takeForecasts(0, pack(1), 0);
    session.receive(subscribe(1, ['*'], { position: { run: 'r', src: { 0: '0' } } }));
    expect(sent[0].result.recovered).toBe(true);
    expect(sent[1]).toMatchObject({ type: 'update', forecasts: [{ origin: 1 }] });
  });

  test('sends a snapshot when what was missed is too much for its queue', () => {
    const { session, sent, feed } = aSession();
    for (let k = 1; k < 60; k += 1) feed.takeForecasts(0, pack(k), 0);
    session.receive(subscribe(1, ['*'], { position: { run: 'r', src: { 0: '0' } } }));
    expect(sent[0].result.recovered).toBe(false);
    expect(sent[1].type).toBe('snapshot');
  });

  test('names the symbols that have no forecast yet', () => {
    const { session, sent } = aSession();
    session.receive(subscribe(1, ['venue:a', 'venue:z']));
    expect(sent[0].result.unseen).toEqual(['venue:z']);
  });

  test.each([
    ['{"id":1,"method":"subscribe"}', 100],
    ['{"id":1,"method":"subscribe","params":{"channels":["weather"],"symbols":["*"]}}', 100],
    ['{"id":1,"method":"subscribe","params":{"channels":["ticks"],"symbols":["a b"]}}', 100],
    ['{"id":1,"method":"subscribe","params":{"channels":["ticks"],"symbols":["a*","b*"]}}', 103],
    ['{"id":1,"method":"subscribe","params":{"channels":["ticks"],"symbols":["*"],"rate":1}}', 100],
    ['{"id":1,"method":"shout"}', 101],
    ['{"id":1}', 101],
  ])('%s is refused with a numbered error and the session lives', (text, code) => {
    const { session, sent, closes } = aSession();
    session.receive(text);
    expect(sent).toMatchObject([{ id: 1, error: { code, temporary: false } }]);
    expect(closes).toEqual([]);
  });

  test.each(['nonsense', '[]', '{"method":"ping"}', '{"id":-1,"method":"ping"}', '{"id":"1"}'])(
    '%j, to which no reply can be numbered, ends it with 3501',
    (text) => {
      const { session, closes } = aSession();
      session.receive(text);
      expect(closes).toEqual([CLOSE_CODE.badRequest]);
    },
  );

  test('refuses more symbols than its limit', () => {
    const { session, sent } = aSession();
    session.receive(subscribe(1, ['a', 'b', 'c', 'd']));
    expect(sent).toMatchObject([{ error: { code: 103 } }]);
  });

  test('refuses more requests per second than its limit, and answers again later', () => {
    const { session, sent, time } = aSession();
    for (let id = 1; id <= 6; id += 1) session.receive(`{"id":${id},"method":"ping"}`);
    expect(sent.at(-1)).toMatchObject({ id: 6, error: { code: 102, temporary: true } });
    time.nowMs += 1_000;
    session.receive('{"id":7,"method":"ping"}');
    expect(sent.at(-1)).toEqual({ id: 7, result: {} });
  });

  test('a client that stays slow is told, then closed with 3008', () => {
    const { session, sent, closes, buffer } = aSession();
    buffer.bytes = 1_001;
    session.checkPace(0);
    expect(sent).toEqual([{ type: 'slow', bufferedBytes: 1_001, closesInMs: 5_000 }]);
    session.checkPace(4_999);
    expect(closes).toEqual([]);
    session.checkPace(5_000);
    expect(closes).toEqual([CLOSE_CODE.slowClient]);
  });

  test('a client that catches up in time is not closed', () => {
    const { session, closes, buffer } = aSession();
    buffer.bytes = 1_001;
    session.checkPace(0);
    buffer.bytes = 1_000;
    session.checkPace(4_000);
    buffer.bytes = 1_001;
    session.checkPace(6_000);
    expect(closes).toEqual([]);
  });

  test('a client whose queue reaches its bound is closed at once', () => {
    const { session, closes, buffer } = aSession();
    buffer.bytes = 8_001;
    session.send(WireFrame.text('a frame'));
    expect(closes).toEqual([CLOSE_CODE.slowClient]);
  });

  test('a client that asks without reading the answers is closed when they reach that bound', () => {
    const { session, closes, buffer } = aSession();
    buffer.bytes = 8_001;
    session.receive('{"id":1,"method":"ping"}');
    expect(closes).toEqual([CLOSE_CODE.slowClient]);
  });

  test('a client that is slow and reads on, a quarter of the limit in each five seconds, is told once and not closed', () => {
    const { session, sent, closes, buffer } = aSession();
    buffer.bytes = 3_000;
    session.checkPace(0);
    for (let nowMs = 4_900; buffer.bytes > 1_250; nowMs += 4_900) {
      buffer.bytes -= 250;
      session.checkPace(nowMs);
    }
    expect(closes).toEqual([]);
    expect(sent).toHaveLength(1);
  });

  test('a client that is slow and reads less than that is closed', () => {
    const { session, closes, buffer } = aSession();
    buffer.bytes = 3_000;
    session.checkPace(0);
    for (const nowMs of [2_000, 4_000, 5_000]) {
      buffer.bytes -= 80;
      session.checkPace(nowMs);
    }
    expect(closes).toEqual([CLOSE_CODE.slowClient]);
  });

  test('a snapshot of any size is no part of the queue, what comes after it is', () => {
    const { session, closes, buffer } = aSession();
    buffer.perFrame = 50_000;
    session.receive(subscribe(1, ['*'], {}, ['forecasts', 'models']));
    expect(buffer.bytes).toBe(150_000);
    buffer.perFrame = 1_000;
    for (let k = 0; k < 9; k += 1) session.send(WireFrame.text('{}'));
    expect(closes).toEqual([]);
    session.send(WireFrame.text('{}'));
    expect(closes).toEqual([CLOSE_CODE.slowClient]);
  });

  test('an ended session gets nothing more', () => {
    const { session, sent, feed } = aSession();
    session.receive(subscribe(1, ['*']));
    session.end();
    const count = sent.length;
    feed.takeForecasts(0, pack(1), 0);
    feed.flush(10_000);
    expect(sent).toHaveLength(count);
  });

  test('an unsubscribed channel falls silent, the others go on', () => {
    const { session, sent, feed } = aSession();
    session.receive(subscribe(1, ['*'], {}, ['forecasts', 'models']));
    session.receive('{"id":2,"method":"unsubscribe","params":{"channels":["forecasts"]}}');
    const count = sent.length;
    feed.takeForecasts(0, pack(1), 0);
    feed.flush(10_000);
    expect(sent).toHaveLength(count);
    feed.takeModelEvent({ event: 'boundary', id: 1, ranges: [], seed: 1 });
    expect(sent.at(-1)).toMatchObject({ type: 'models', events: [{ event: 'boundary', id: 1 }] });
  });
});

describe('a session that asks for a token', () => {
  const verify = async (token: string): Promise<Grant> => {
    if (token === 'bad') throw new TokenRefusedError('the token is refused', {});
    return grantOf('someone', 10_000, token.split(' '));
  };
  const show = (id: number, token: string) =>
    JSON.stringify({ id, method: 'authenticate', params: { token } });

  test('says nothing, not even the welcome, before it has seen one', async () => {
    const { session, sent } = aSession(verify);
    expect(sent).toEqual([]);
    session.receive(show(1, 'venue:a'));
    await settled();
    const result = { expiresMs: 10_000, allowed: ['venue:a'] };
    expect(sent).toEqual([
      { id: 1, result },
      { type: 'welcome', allowed: ['venue:a'] },
    ]);
  });

  test('takes requests that came while it was verified, in order', async () => {
    const { session, sent } = aSession(verify);
    session.receive(show(1, 'venue:a'));
    session.receive(subscribe(2, ['venue:a']));
    session.receive('{"id":3,"method":"ping"}');
    await settled();
    expect(sent.map((one) => one.type ?? one.id)).toEqual([1, 'welcome', 2, 'snapshot', 3]);
  });

  test.each([
    ['a bad token', show(1, 'bad')],
    ['another request', subscribe(1, ['venue:a'])],
  ])('%s ends it with 105 and 3500', async (_what, text) => {
    const { session, sent, closes } = aSession(verify);
    session.receive(text);
    await settled();
    expect(sent).toMatchObject([{ id: 1, error: { code: 105, temporary: false } }]);
    expect(closes).toEqual([CLOSE_CODE.badToken]);
  });

  test('silence ends it after five seconds', () => {
    const { session, closes } = aSession(verify);
    session.checkPace(4_999);
    expect(closes).toEqual([]);
    session.checkPace(5_000);
    expect(closes).toEqual([CLOSE_CODE.badToken]);
  });

  test('it is closed with 3005 when the token expires, unless a newer one was shown', async () => {
    const { session, closes } = aSession(verify);
    session.receive(show(1, 'venue:a'));
    await settled();
    session.checkPace(9_999);
    expect(closes).toEqual([]);
    session.checkPace(10_000);
    expect(closes).toEqual([CLOSE_CODE.tokenExpired]);
  });

  test('a symbol that the token does not allow is refused with 104; of a pattern only the allowed ones are sent', async () => {
    const { session, sent, feed } = aSession(verify);
    session.receive(show(1, 'venue:b*'));
    session.receive(subscribe(2, ['venue:a']));
    session.receive(subscribe(3, ['*']));
    await settled();
    expect(sent[2]).toMatchObject({ id: 2, error: { code: 104 } });
    expect(sent.at(-1)).toMatchObject({ type: 'snapshot', forecasts: [] });
    feed.takeForecasts(0, pack(1), 0);
    feed.takeForecasts(0, pack(2, 'venue:b'), 0);
    feed.flush(10_000);
    expect(sent.at(-1)).toMatchObject({ type: 'update', forecasts: [{ symbol: 'venue:b' }] });
  });

  test('a newer token changes what a subscription gets, without a gap and without a new welcome', async () => {
    const { session, sent, feed } = aSession(verify);
    session.receive(show(1, 'venue:b'));
    session.receive(subscribe(2, ['*']));
    await settled();
    feed.takeForecasts(0, pack(1, 'venue:b'), 0);
    session.receive(show(3, 'venue:a'));
    await settled();
    feed.takeForecasts(0, pack(2, 'venue:b'), 0);
    feed.takeForecasts(0, pack(3, 'venue:a'), 0);
    feed.flush(10_000);
    const updates = sent.filter((one) => one.type === 'update');
    expect(updates).toMatchObject([
      { covers: { 0: { after: '0', upTo: '1' } }, forecasts: [{ symbol: 'venue:b', origin: 1 }] },
      { covers: { 0: { after: '1', upTo: '3' } }, forecasts: [{ symbol: 'venue:a', origin: 3 }] },
    ]);
    expect(sent.filter((one) => one.type === 'welcome')).toHaveLength(1);
  });
});

/** All microtasks that a verified token takes. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

// biome-ignore lint/suspicious/noExplicitAny: what was sent is looked at field by field
type Sent = any;

function aSession(verify: ((token: string) => Promise<Grant>) | null = null) {
  const feed = new LiveFeed({ run: 'r', partitionCount: 1, ringEntries: 64 });
  feed.takeForecasts(0, pack(0), 0);
  const sent: Sent[] = [];
  const closes: number[] = [];
  const buffer = { bytes: 0, perFrame: 0 };
  const time = { nowMs: 0 };
  const session = new ClientSession(
    {
      encoding: 'json',
      send: ({ payload }) => {
        sent.push(JSON.parse(Buffer.from(payload).toString()));
        buffer.bytes += buffer.perFrame;
      },
      bufferedBytes: () => buffer.bytes,
      unsentBytes: () => buffer.bytes,
      close: (code) => closes.push(code),
    },
    {
      ...{ feed, limits: LIMITS, verify },
      nowMs: () => time.nowMs,
      welcome: ({ allowed }) => WireFrame.text(JSON.stringify({ type: 'welcome', allowed })),
    },
    verify === null ? OPEN_GRANT : null,
  );
  if (verify === null) sent.length = 0;
  return { session, feed, sent, closes, buffer, time };
}

function pack(k: number, symbol = 'venue:a') {
  const forecasts = [aForecast({ origin: k, symbol })];
  const entry = { src: BigInt(k), prev: BigInt(k - 1), forecasts };
  return { levels: [0.25, 0.5, 0.75], entries: [entry] };
}

function subscribe(
  id: number,
  symbols: string[],
  over: object = {},
  channels = ['forecasts'],
): string {
  return JSON.stringify({ id, method: 'subscribe', params: { channels, symbols, ...over } });
}
