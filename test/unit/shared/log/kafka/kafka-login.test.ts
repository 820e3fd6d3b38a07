import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { type KafkaLogOptions, openKafkaLog } from '#shared/log/kafka/kafka-log.ts';
import { aFolder } from '#test/builders/a-folder.ts';
import { Heard } from '#test/builders/heard.ts';

const API_VERSIONS = 18;
const OPENSSL = 'req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1'.split(' ');
const password = 'not-to-be-seen';
const why = spawnSync('openssl', ['version']).error === undefined ? null : 'no openssl';

/** Somebody who speaks TLS on loopback, answers nothing, and hears which of Kafka's requests come in. */
async function aTlsPeer() {
  const folder = await aFolder({});
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
  const name = ['-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', certificate];
  expect(spawnSync('openssl', [...OPENSSL, ...name]).status).toBe(0);
  const server = createServer({ key: readFileSync(key), cert: readFileSync(certificate) });
  const heard = new Heard<number>();
  server.on('secureConnection', (socket) => {
    socket.on('error', () => undefined);
    socket.once('data', (bytes) => {
      heard.push(bytes.readInt16BE(4));
      socket.destroy();
    });
  });
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const open = (over: Partial<KafkaLogOptions>) =>
    openKafkaLog({
      ...{ brokers: [`127.0.0.1:${port}`], prefix: 'p', partitionCount: 1, patienceMs: 300 },
      ...over,
    });
  return { certificate, heard, open };
}

test('brokers whose authority is known are spoken to over TLS, others are not', async ({
  skip,
}) => {
  if (why !== null) return skip(why);
  const { certificate, heard, open } = await aTlsPeer();
  const unknown = await open({ tls: {} }).catch((error: unknown) => error);
  expect(unknown).toMatchObject({
    code: 'LOG_UNAVAILABLE',
    message: expect.stringMatching(/self-signed/),
  });
  await open({}).catch(() => undefined);
  expect(heard.all).toEqual([]);
  const known = open({ tls: { caFile: certificate } }).catch((error: unknown) => error);
  await heard.until((all) => all.length > 0, 'a request inside TLS');
  expect(heard.all[0]).toBe(API_VERSIONS);
  expect(await known).toMatchObject({ code: 'LOG_UNAVAILABLE' });
});

test('no error says the password', async ({ skip }) => {
  if (why !== null) return skip(why);
  const { certificate, open } = await aTlsPeer();
  const sasl = { mechanism: 'scram-sha-256', username: 'u', password } as const;
  const error = await open({ tls: { caFile: certificate }, sasl }).catch((one: Error) => one);
  expect(error).toMatchObject({ code: 'LOG_UNAVAILABLE' });
  expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain(password);
  expect(`${(error as Error).stack} ${(error as Error).cause}`).not.toContain(password);
});
