import { type ConfigOf, flag, integer, list, text } from '#shared/runtime/environment.ts';

/** Everything an operator may set about `serve`. */
export const serveSettings = {
  host: text('FORETICK_HOST', {
    default: '127.0.0.1',
    meaning:
      'Address to listen on; only loopback addresses, unless tokens are asked for (FORETICK_AUTH_SECRET, FORETICK_AUTH_KEYS) or FORETICK_PUBLISHED_ON_LOOPBACK',
  }),
  publishedOnLoopback: flag('FORETICK_PUBLISHED_ON_LOOPBACK', {
    default: false,
    meaning:
      'Says that this is a container whose port is published on 127.0.0.1 and nowhere else, so that it may listen on all of its own addresses; its network must be trusted',
  }),
  port: integer('FORETICK_PORT', {
    default: 8080,
    atLeast: 0,
    atMost: 65_535,
    unit: 'TCP port',
    meaning: 'Port of HTTP and WebSocket; 0 takes a free one',
  }),
  allowedHosts: list('FORETICK_ALLOWED_HOSTS', {
    default: [],
    meaning: 'Host names beside loopback ones that pages may be loaded from (behind a proxy)',
  }),
  authSecret: text('FORETICK_AUTH_SECRET', {
    default: '',
    secret: true,
    meaning:
      'Secret of 32 bytes or more: clients must show a token signed with it (HS256). Empty, as FORETICK_AUTH_KEYS: no token is asked for',
  }),
  authKeys: text('FORETICK_AUTH_KEYS', {
    default: '',
    meaning:
      'Path of a JSON Web Key Set with public keys: clients must show a token signed with one of them (RS256, ES256)',
  }),
  authAudience: text('FORETICK_AUTH_AUDIENCE', {
    default: 'foretick',
    meaning: 'What the claim `aud` of every token must name',
  }),
  authTenant: text('FORETICK_AUTH_TENANT', {
    default: '',
    meaning: 'What the claim `tenant` of every token must be; empty: none is asked for',
  }),
  connections: integer('FORETICK_MAX_CONNECTIONS', {
    default: 1_000,
    atLeast: 1,
    unit: 'connections',
    meaning:
      'WebSocket connections at a time; more are closed with 3504. Where tokens are asked for at most half of them may be without; more are closed with 3013',
  }),
  httpConnections: integer('FORETICK_MAX_HTTP_CONNECTIONS', {
    default: 1_000,
    atLeast: 1,
    unit: 'connections',
    meaning:
      'TCP connections at a time beyond FORETICK_MAX_CONNECTIONS, so that health checks and metrics get in beside all WebSockets; more are cut at once',
  }),
  requestsPerSecond: integer('FORETICK_MAX_REQUESTS_PER_SECOND', {
    default: 20,
    atLeast: 1,
    unit: '1/s',
    meaning: 'Requests of one WebSocket connection; more are answered with error 102',
  }),
  symbolsPerSubscription: integer('FORETICK_MAX_SYMBOLS_PER_SUBSCRIPTION', {
    default: 1_000,
    atLeast: 1,
    unit: 'symbols',
    meaning: 'Symbols and patterns that one subscription may name',
  }),
  patternsPerSubscription: integer('FORETICK_MAX_PATTERNS_PER_SUBSCRIPTION', {
    default: 16,
    atLeast: 1,
    unit: 'patterns',
    meaning: 'Patterns (names with a `*`) that one subscription may hold',
  }),
  bufferedBytes: integer('FORETICK_MAX_BUFFERED_BYTES', {
    default: 1_048_576,
    atLeast: 65_536,
    unit: 'bytes',
    meaning:
      'Unsent bytes of one connection above which it counts as slow; eight times as much, a snapshot aside, closes it at once',
  }),
  slowMs: integer('FORETICK_SLOW_MS', {
    default: 5_000,
    atLeast: 100,
    unit: 'ms',
    meaning:
      'How long a connection may be slow, and not catch up by a quarter of FORETICK_MAX_BUFFERED_BYTES, before it is closed with 3008',
  }),
  heartbeatMs: integer('FORETICK_HEARTBEAT_MS', {
    default: 10_000,
    atLeast: 100,
    unit: 'ms',
    meaning:
      'Time between pings; a connection that answers none for two of them is closed with 3012',
  }),
  flushMs: integer('FORETICK_FLUSH_MS', {
    default: 36,
    atLeast: 1,
    atMost: 1_000,
    unit: 'ms',
    meaning:
      'Time over which forecasts are gathered into one frame, at most; up to four times as long while the process is short of time',
  }),
  ringEntries: integer('FORETICK_RING_ENTRIES', {
    default: 4_096,
    atLeast: 16,
    unit: 'forecasts',
    meaning:
      'Newest forecasts kept per partition: how far back a client can resume without a snapshot',
  }),
};

export type ServeConfig = ConfigOf<typeof serveSettings>;
