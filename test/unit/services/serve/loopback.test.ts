import { describe, expect, test } from 'vitest';
import { isLoopback, isOurHost, isOurOrigin } from '#services/serve/loopback.ts';

describe('who may connect', () => {
  test.each(['127.0.0.1', '127.1.2.3', 'localhost', '::1', '[::1]', 'LOCALHOST'])(
    '%s is this machine',
    (host) => expect(isLoopback(host)).toBe(true),
  );

  test.each(['0.0.0.0', '', '192.168.0.1', 'localhost.example.com', '::', '127.0.0.1.nip.io'])(
    '%j is not',
    (host) => expect(isLoopback(host)).toBe(false),
  );

  test('a page of this machine may connect, a foreign or nameless one may not', () => {
    expect(isOurOrigin('http://localhost:3000', [])).toBe(true);
    expect(isOurOrigin('http://127.0.0.1:8080', [])).toBe(true);
    expect(isOurOrigin('https://example.com', [])).toBe(false);
    expect(isOurOrigin('null', [])).toBe(false);
    expect(isOurOrigin('', [])).toBe(false);
  });

  test('a program, which sends no origin, may connect', () => {
    expect(isOurOrigin(undefined, [])).toBe(true);
  });

  test('a foreign name that points at this machine is not answered', () => {
    expect(isOurHost('evil.example:8080', [])).toBe(false);
    expect(isOurHost(undefined, [])).toBe(false);
    expect(isOurHost('127.0.0.1:8080', [])).toBe(true);
  });

  test('a host that the operator allows is answered', () => {
    expect(isOurHost('ticks.example:443', ['ticks.example'])).toBe(true);
    expect(isOurHost('ticks.example', ['Ticks.Example'])).toBe(true);
    expect(isOurOrigin('https://ticks.example', ['ticks.example'])).toBe(true);
  });
});
