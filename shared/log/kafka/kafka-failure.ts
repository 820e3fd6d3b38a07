import { PipelineError } from '#shared/errors.ts';
import { LogMismatchError, LogUnavailableError, LogWriteError } from '../log-errors.ts';

/** The parts of kafkajs' errors that say what happened. */
interface KafkaFailure {
  readonly name: string;
  readonly message: string;
  /** Kafka's own name of an error code. */
  readonly type: string | undefined;
  readonly retriable: boolean;
}

const PASSING = new Set([
  'KafkaJSBrokerNotFound',
  'KafkaJSConnectionError',
  'KafkaJSConnectionClosedError',
  'KafkaJSRequestTimeoutError',
  'KafkaJSNumberOfRetriesExceeded',
  'KafkaJSLockTimeout',
  'KafkaJSTimeout',
  'KafkaJSMetadataNotLoaded',
  'KafkaJSTopicMetadataNotLoaded',
  'KafkaJSGroupCoordinatorNotFound',
  'KafkaJSNoBrokerAvailableError',
]);
const REFUSED = new Set([
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'INVALID_RECORD',
  'CORRUPT_MESSAGE',
  'TOPIC_AUTHORIZATION_FAILED',
]);

export function failureOf(error: unknown): KafkaFailure {
  const {
    name = 'Error',
    message = String(error),
    type,
    retriable = false,
  } = error as KafkaFailure;
  return { name, message, type, retriable };
}

/** Whether the same request may succeed in a moment: an unreachable broker, a leader that moved. */
export function isPassing(error: unknown): boolean {
  if (error instanceof PipelineError) return false;
  const { name, message, type, retriable } = failureOf(error);
  if (type === 'UNKNOWN_TOPIC_OR_PARTITION') return true;
  return retriable || PASSING.has(name) || message === 'Not connected';
}

/** Our error for what kafkajs threw; ours pass unchanged, faults of the code too. */
export function translated(error: unknown, what: string): unknown {
  if (error instanceof PipelineError) return error;
  const { name, message, type } = failureOf(error);
  const details = { what, name, type };
  if (type !== undefined && REFUSED.has(type)) {
    return new LogWriteError(`Kafka must take ${what}, refused: ${message}`, details, error);
  }
  if (type === 'UNKNOWN_TOPIC_OR_PARTITION') {
    return new LogMismatchError(`Kafka must have the topic of ${what}: ${message}`, details, error);
  }
  if (!name.startsWith('KafkaJS') && !isPassing(error)) return error;
  return new LogUnavailableError(`Kafka must answer ${what}, failed: ${message}`, details, error);
}
