import { randomUUID } from 'node:crypto';
import kafkajs, { type Admin } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { EventLog } from '#shared/log/event-log.ts';
import { type KafkaLogOptions, openKafkaLog } from '#shared/log/kafka/kafka-log.ts';
import { mendKafkajs } from '#shared/log/kafka/mend-kafkajs.ts';
import type { KafkaBroker } from '#test/brokers/broker.ts';
import { findOwn, whyNone } from '#test/brokers/broker-source.ts';
import { ownKafka } from '#test/brokers/brokers.ts';
import { RunningService } from '#test/builders/running-services.ts';

const missing = whyNone(findOwn('kafka'));
const login = { mechanism: 'plain', username: 'admin', password: 'of-admin' } as const;
const reader = { mechanism: 'plain', username: 'reader', password: 'of-reader' } as const;
const LOGINS = `org.apache.kafka.common.security.plain.PlainLoginModule required username="admin" password="of-admin" user_admin="of-admin" user_reader="of-reader";`;
/** One that asks for a login, and lets the administrator alone do things unasked. */
const SETTINGS = {
  'listener.security.protocol.map': 'PLAINTEXT:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT',
  'inter.broker.listener.name': 'PLAINTEXT',
  'sasl.mechanism.inter.broker.protocol': 'PLAIN',
  'sasl.enabled.mechanisms': 'PLAIN',
  'listener.name.plaintext.plain.sasl.jaas.config': LOGINS,
  'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
  'super.users': 'User:admin;User:ANONYMOUS',
};
const refusedFor = (what: RegExp) =>
  expect.objectContaining({
    code: 'LOG_REFUSED',
    retriable: false,
    message: expect.stringMatching(what),
  });

describe.skipIf(missing !== null)('brokers that ask for a login', () => {
  let kafka: KafkaBroker;
  let admin: Admin;

  beforeAll(async () => {
    kafka = await ownKafka({ settings: SETTINGS, sasl: login });
    mendKafkajs();
    const { Kafka, logLevel } = kafkajs;
    const brokers = [kafka.address];
    admin = new Kafka({ brokers, logLevel: logLevel.NOTHING, sasl: login }).admin();
    await admin.connect();
  });

  afterAll(async () => {
    await admin?.disconnect();
    await kafka?.remove();
  });

  async function open(prefix: string, sasl: KafkaLogOptions['sasl']): Promise<EventLog> {
    const log = await openKafkaLog({
      ...{ brokers: [kafka.address], prefix, partitionCount: 1 },
      ...(sasl === undefined ? {} : { sasl }),
    });
    onTestFinished(() => log.close());
    return log;
  }

  async function allow(prefix: string, operations: readonly number[]): Promise<void> {
    const { AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } = kafkajs;
    const acl = operations.map((operation) => ({
      ...{ principal: 'User:reader', host: '*', operation, resourceName: prefix },
      permissionType: AclPermissionTypes.ALLOW,
      resourceType: AclResourceTypes.TOPIC,
      resourcePatternType: ResourcePatternTypes.PREFIXED,
    }));
    await admin.createAcls({ acl });
  }

  test.each([
    ['a wrong password', { ...login, password: 'another' }],
    ['an unknown user', { ...login, username: 'nobody' }],
    ['a mechanism that they have not', { ...login, mechanism: 'scram-sha-256' as const }],
  ])('refuse %s at once and by name, without a word of the password', async (_, sasl) => {
    const error = await open('any', sasl).catch((one: Error) => one);
    expect(error).toEqual(refusedFor(/FORETICK_KAFKA_SASL_/));
    expect(`${(error as Error).stack}`).not.toContain(sasl.password);
  });

  test('refuse a user who may not see, make or write what it asks for', async () => {
    const { AclOperationTypes: may } = kafkajs;
    const prefix = `test-${randomUUID()}`;
    await (await open(prefix, login)).append('ticks', 0, [Uint8Array.of(1)]);
    await expect(open(prefix, reader)).rejects.toEqual(refusedFor(/topic test-.*may not be seen/));
    await allow(prefix, [may.DESCRIBE, may.DESCRIBE_CONFIGS, may.READ]);
    const log = await open(prefix, reader);
    const write = log.append('ticks', 0, [Uint8Array.of(2)]);
    await expect(write).rejects.toEqual(refusedFor(/ticks\/0/));
    const reading = await log.subscribe({
      ...{ topic: 'ticks', group: 'predict', onAssigned: async () => 0n },
      ...{ onBatch: async () => undefined, onRevoked: () => undefined },
    });
    await expect(reading.done).rejects.toEqual(refusedFor(/group/));
    const other = `test-${randomUUID()}`;
    await allow(other, [may.DESCRIBE, may.DESCRIBE_CONFIGS, may.READ, may.WRITE]);
    await expect(open(other, reader)).rejects.toEqual(refusedFor(/the making of topics/));
  });

  test('end a service with the exit code of wrong settings, on which none restarts it', async () => {
    const service = new RunningService('ingest', {
      FORETICK_KAFKA_BROKERS: kafka.address,
      FORETICK_KAFKA_SASL_MECHANISM: 'plain',
      FORETICK_KAFKA_SASL_USER: 'admin',
      FORETICK_KAFKA_SASL_PASSWORD: 'another',
    });
    onTestFinished(() => service.kill());
    expect(await service.exited()).toBe(2);
    expect(service.said).toContain('LOG_REFUSED');
  });
});

if (missing !== null) test('brokers that ask for a login', ({ skip }) => skip(missing));
