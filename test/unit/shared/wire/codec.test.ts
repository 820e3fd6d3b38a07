import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CLOSE_CODE, mayReconnect } from '#shared/wire/close-code.ts';
import { decodeFromServer, encodeMessage, WireFormatError } from '#shared/wire/codec.ts';
import type { WireTick } from '#shared/wire/message.ts';

describe('messages', () => {
  test('a message that was encoded decodes to the same', () => {
    const tick = fc.record<WireTick>({
      symbol: fc.stringMatching(/^[A-Za-z:]{1,12}$/),
      eventTimeNs: fc.bigInt(0n, 2n ** 63n - 1n).map(String),
      price: fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => (x === 0 ? 0 : x)),
      bid: fc.constantFrom(null, 1.5),
      ask: fc.constantFrom(null, 2.5),
      merged: fc.nat(),
    });
    fc.assert(
      fc.property(fc.array(tick), (ticks) => {
        const message = { type: 'ticks', ticks } as const;
        expect(decodeFromServer(encodeMessage(message))).toEqual(message);
      }),
    );
  });

  test('a message of a type from a later version is passed over', () => {
    expect(decodeFromServer('{"type":"weather","rain":true}')).toBeNull();
  });

  test.each(['', 'nonsense', '[]', 'null', '7', '{}', '{"id":"7","result":{}}'])(
    '%j is refused as no message',
    (text) => {
      expect(() => decodeFromServer(text)).toThrow(WireFormatError);
    },
  );
});

describe('close codes', () => {
  test('below 3500 a client connects again, from 3500 on it does not', () => {
    for (const code of Object.values(CLOSE_CODE)) expect(mayReconnect(code)).toBe(code < 3500);
  });

  test('a lost network is worth another attempt, a message that was too long is not', () => {
    expect(mayReconnect(1006)).toBe(true);
    expect(mayReconnect(1001)).toBe(true);
    expect(mayReconnect(1009)).toBe(false);
  });
});
