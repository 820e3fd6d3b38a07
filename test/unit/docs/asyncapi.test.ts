import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { OPEN_GRANT } from '#services/serve/access/grant.ts';
import { ClientSession } from '#services/serve/client-session.ts';
import { readRequest } from '#services/serve/inbound-message.ts';
import { LiveFeed } from '#services/serve/live-feed.ts';
import { WireFrame } from '#services/serve/wire-frame.ts';
import { CHANNELS, ERROR_CODE } from '#shared/wire/request.ts';
import { type Gateway, startGateway } from '#test/builders/a-gateway.ts';
import { Heard } from '#test/builders/heard.ts';
import { documentOf, schemasOfDocs } from '#test/builders/schemas-of-docs.ts';

const file = documentOf('asyncapi.yaml');
const problems = schemasOfDocs();
const SERVER_TYPES = 'welcome snapshot update ticks scores models health slow closing'.split(' ');
const METHODS = ['authenticate', 'subscribe', 'unsubscribe', 'ping'];

let gateway: Gateway;
// biome-ignore lint/suspicious/noExplicitAny: what was received is looked at field by field
const heard = new Heard<any>();

/** One session in which the server says all it can say. */
beforeAll(async () => {
  const config = { bufferedBytes: 65_536, slowMs: 60_000 };
  gateway = await startGateway({ steps: 210, config });
  const socket = new WebSocket(gateway.streamUrl);
  socket.on('message', (text) => heard.push(JSON.parse(String(text))));
  await once(socket, 'open');
  const ask = (id: number, method: string, params?: object) =>
    socket.send(JSON.stringify({ id, method, params }));
  ask(1, 'authenticate', { token: 'any' });
  ask(2, 'subscribe', { channels: CHANNELS, symbols: ['*'], delta: true });
  ask(3, 'subscribe', { channels: [], symbols: [] });
  ask(4, 'ping');
  await heard.until((all) => all.some((one) => one.id === 4), 'the answers');
  await gateway.market.step(200);
  for (const type of ['update', 'ticks', 'scores', 'models', 'health']) {
    await heard.until((all) => all.some((one) => one.type === type), type);
  }
  const { run } = gateway.log;
  ask(5, 'subscribe', { channels: ['forecasts'], symbols: ['none:*'], position: { run, src: {} } });
  await heard.until((all) => all.some((one) => one.id === 5), 'the resume');
  socket.pause();
  for (let k = 0; k < 40; k += 1)
    ask(100 + k, 'subscribe', { channels: ['scores'], symbols: ['*'] });
  await gateway.server.stop().then(() => socket.resume());
  await once(socket, 'close');
});

afterAll(() => gateway.stop());

describe('the AsyncAPI file', () => {
  test('names every message of the server, every method, channel and error', () => {
    const names = Object.keys(file.components.messages).sort();
    expect(names).toEqual([...SERVER_TYPES, ...METHODS, 'reply'].sort());
    const { schemas } = file.components;
    expect(schemas.Channel.enum).toEqual([...CHANNELS]);
    expect(schemas.ErrorReply.properties.error.properties.code.enum).toEqual(
      Object.values(ERROR_CODE),
    );
    expect(Object.keys(file.channels.stream.messages).sort()).toEqual(names);
  });

  test('describes slow as a session says it', () => {
    const said: unknown[] = [];
    const limits = { messageBytes: 1, fragments: 1, requestsPerSecond: 1, connections: 1 };
    const rest = { symbolsPerSubscription: 1, patternsPerSubscription: 1 };
    const session = new ClientSession(
      {
        encoding: 'json',
        send: ({ payload }) => said.push(JSON.parse(Buffer.from(payload).toString())),
        bufferedBytes: () => 1_001,
        unsentBytes: () => 1_001,
        close: () => {},
      },
      {
        feed: new LiveFeed({ run: 'r', partitionCount: 1, ringEntries: 16 }),
        limits: { ...limits, ...rest, bufferedBytes: 1_000, slowMs: 500 },
        ...{ nowMs: () => 0, verify: null, welcome: () => WireFrame.text('{}') },
      },
      OPEN_GRANT,
    );
    session.checkPace(0);
    expect(said.at(-1)).toMatchObject({ type: 'slow' });
    expect(problems('asyncapi.yaml#/components/schemas/Slow', said.at(-1))).toEqual([]);
  });

  test.each(SERVER_TYPES.filter((type) => type !== 'slow'))(
    'describes %s as the server says it, field for field',
    (type) => {
      const messages = heard.all.filter((one) => one.type === type);
      expect(messages.length).toBeGreaterThan(0);
      const schema = `asyncapi.yaml#/components/schemas/${type[0].toUpperCase()}${type.slice(1)}`;
      for (const message of messages) expect(problems(schema, message)).toEqual([]);
    },
  );

  test('has seen whole forecasts and deltas in updates', () => {
    const updates = heard.all.filter((one) => one.type === 'update');
    const all = updates.flatMap(({ forecasts }) => forecasts);
    for (const field of ['horizons', 'changes']) {
      expect(all.filter((one) => field in one).length).toBeGreaterThan(2);
    }
  });

  test('describes every reply', () => {
    const replies = heard.all.filter((one) => one.id !== undefined);
    expect(replies.length).toBeGreaterThan(4);
    for (const reply of replies) {
      expect(problems('asyncapi.yaml#/components/schemas/Reply', reply)).toEqual([]);
    }
  });

  test('would see a field that is missing, or one that is not described', () => {
    const welcome = heard.all.find((one) => one.type === 'welcome');
    const { run: _run, ...less } = welcome;
    const schema = 'asyncapi.yaml#/components/schemas/Welcome';
    expect(problems(schema, less)).toHaveLength(1);
    expect(problems(schema, { ...welcome, more: 1 })).toHaveLength(1);
  });

  test.each([
    ['Subscribe', { id: 1, method: 'subscribe', params: { channels: ['ticks'], symbols: ['a*'] } }],
    ['Subscribe', { id: 1, method: 'subscribe', params: { channels: ['ticks'], symbols: [] } }],
    ['Subscribe', { id: 1, method: 'subscribe', params: { channels: ['x'], symbols: ['a'] } }],
    ['Subscribe', { id: 1, method: 'subscribe', params: { channels: ['ticks'] } }],
    [
      'Subscribe',
      {
        ...{ id: 1, method: 'subscribe' },
        params: { channels: ['forecasts'], symbols: ['a'], maxRateHz: 0.05 },
      },
    ],
    ...[true, false, 1, 'true', null].map((delta): [string, object] => [
      'Subscribe',
      { id: 1, method: 'subscribe', params: { channels: ['forecasts'], symbols: ['a'], delta } },
    ]),
    [
      'Subscribe',
      {
        ...{ id: 1, method: 'subscribe' },
        params: {
          ...{ channels: ['forecasts'], symbols: ['*'], maxRateHz: 5 },
          position: { run: 'r', src: { 0: '12', 1: '-1' } },
        },
      },
    ],
    ['Unsubscribe', { id: 1, method: 'unsubscribe', params: { channels: ['models'] } }],
    ['Unsubscribe', { id: 1, method: 'unsubscribe', params: { channels: [] } }],
    ['Authenticate', { id: 1, method: 'authenticate', params: { token: 'x' } }],
    ['Authenticate', { id: 1, method: 'authenticate', params: {} }],
    ['Ping', { id: 1, method: 'ping' }],
    ['Ping', { id: 1, method: 'ping', params: {} }],
  ])('agrees with the server on whether %s %j is right', (name, message) => {
    const isRight = problems(`asyncapi.yaml#/components/schemas/${name}`, message).length === 0;
    expect('error' in readRequest(JSON.stringify(message))).toBe(!isRight);
  });
});
