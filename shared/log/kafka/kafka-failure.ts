import { PipelineError } from '#shared/errors.ts';
import {
  LogMismatchError,
  LogRefusedError,
  LogUnavailableError,
  LogWriteError,
} from '../log-errors.ts';

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
]);
/** A login that is wrong, or one that may not do this. */
const DENIED = new Set([
  'SASL_AUTHENTICATION_FAILED',
  'UNSUPPORTED_SASL_MECHANISM',
  'ILLEGAL_SASL_STATE',
  'TOPIC_AUTHORIZATION_FAILED',
  'GROUP_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
  'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
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

/** The refusal of a login that lies in this error, or in those that kafkajs wrapped in it; null where there is none. */
function denialIn(error: unknown): KafkaFailure | null {
  if (typeof error !== 'object' || error === null || error instanceof PipelineError) return null;
  const failure = failureOf(error);
  const isDenial =
    failure.name === 'KafkaJSSASLAuthenticationError' || DENIED.has(failure.type ?? '');
  if (isDenial) return failure;
  const { cause, errors = [] } = error as { cause?: unknown; errors?: readonly unknown[] };
  return [cause, ...errors].map(denialIn).find((one) => one !== null) ?? null;
}

/** Whether the same request may succeed in a moment: an unreachable broker, a leader that moved. */
export function isPassing(error: unknown): boolean {
  if (error instanceof PipelineError || denialIn(error) !== null) return false;
  const { name, message, type, retriable } = failureOf(error);
  if (type === 'UNKNOWN_TOPIC_OR_PARTITION') return true;
  return retriable || PASSING.has(name) || message === 'Not connected';
}

export function refused(what: string, message: string, cause?: unknown): LogRefusedError {
  return new LogRefusedError(
    `Kafka must let us have ${what}, refused: ${message}; mend user, password and mechanism (FORETICK_KAFKA_SASL_*), or the ACLs of that user`,
    { what },
    cause,
  );
}

/** Our error for what kafkajs threw; ours pass unchanged, faults of the code too. */
export function translated(error: unknown, what: string): unknown {
  if (error instanceof PipelineError) return error;
  const { name, message, type } = failureOf(error);
  const details = { what, name, type };
  const denial = denialIn(error);
  if (denial !== null) return refused(what, denial.message, error);
  if (type !== undefined && REFUSED.has(type)) {
    return new LogWriteError(`Kafka must take ${what}, refused: ${message}`, details, error);
  }
  if (type === 'UNKNOWN_TOPIC_OR_PARTITION') {
    return new LogMismatchError(`Kafka must have the topic of ${what}: ${message}`, details, error);
  }
  if (!name.startsWith('KafkaJS') && !isPassing(error)) return error;
  return new LogUnavailableError(`Kafka must answer ${what}, failed: ${message}`, details, error);
}
