import { expect, test } from 'vitest';
import { isPassing, translated } from '#shared/log/kafka/kafka-failure.ts';
import { LogTruncatedError } from '#shared/log/log-errors.ts';

const thrown = (name: string, more: object = {}): Error =>
  Object.assign(new Error('of Kafka'), { name, ...more });

test('an unreachable broker and a leader that moved may pass, a refusal does not', () => {
  expect(isPassing(thrown('KafkaJSConnectionError'))).toBe(true);
  const moved = { type: 'NOT_LEADER_FOR_PARTITION', retriable: true };
  expect(isPassing(thrown('KafkaJSProtocolError', moved))).toBe(true);
  const refused = { type: 'MESSAGE_TOO_LARGE', retriable: false };
  expect(isPassing(thrown('KafkaJSProtocolError', refused))).toBe(false);
  expect(isPassing(new TypeError('a fault of ours'))).toBe(false);
});

test('what kafkajs throws becomes an error of the log, with what was asked and the cause', () => {
  const cause = thrown('KafkaJSConnectionError');
  expect(translated(cause, 'an append to a.ticks/1')).toMatchObject({
    code: 'LOG_UNAVAILABLE',
    retriable: true,
    message: 'Kafka must answer an append to a.ticks/1, failed: of Kafka',
    cause,
  });
  const refused = thrown('KafkaJSProtocolError', { type: 'MESSAGE_TOO_LARGE' });
  expect(translated(refused, 'x')).toMatchObject({ code: 'LOG_WRITE_FAILED', retriable: false });
  const gone = thrown('KafkaJSProtocolError', { type: 'UNKNOWN_TOPIC_OR_PARTITION' });
  expect(translated(gone, 'x')).toMatchObject({ code: 'LOG_MISMATCH' });
});

test('our own errors and faults of the code stay what they are', () => {
  const ours = new LogTruncatedError('gone');
  const fault = new TypeError('a fault of ours');
  expect(translated(ours, 'x')).toBe(ours);
  expect(translated(fault, 'x')).toBe(fault);
});

test.each([
  ['a wrong password', thrown('KafkaJSSASLAuthenticationError')],
  [
    'an ACL that is missing',
    thrown('KafkaJSProtocolError', { type: 'GROUP_AUTHORIZATION_FAILED' }),
  ],
  [
    'one that lies in another error, though that may pass',
    thrown('KafkaJSNumberOfRetriesExceeded', {
      retriable: true,
      cause: thrown('KafkaJSProtocolError', { type: 'SASL_AUTHENTICATION_FAILED' }),
    }),
  ],
  [
    'one of several',
    thrown('KafkaJSAggregateError', {
      errors: [thrown('KafkaJSCreateTopicError', { type: 'TOPIC_AUTHORIZATION_FAILED' })],
    }),
  ],
])('%s is a refusal, which no further attempt would mend', (_, error) => {
  expect(isPassing(error)).toBe(false);
  expect(translated(error, 'x')).toMatchObject({
    code: 'LOG_REFUSED',
    retriable: false,
    message: expect.stringContaining('FORETICK_KAFKA_SASL_'),
  });
});
