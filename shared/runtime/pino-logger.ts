import { destination, type Level, pino, stdSerializers } from 'pino';
import { PipelineError } from '../errors.ts';
import type { Logger } from './logger.ts';
import { readableLine } from './readable-line.ts';

export interface PinoLoggerOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** Fields of every event, as the service's name. */
  readonly fields?: Readonly<Record<string, unknown>>;
  /** `auto`: readable lines on a terminal, JSON elsewhere. */
  readonly format?: 'auto' | 'json' | 'readable';
}

/** Events to stderr, which leaves stdout to what a command was asked for. A field named `error` or `cause` may hold an Error. */
export function pinoLogger({ level, fields = {}, format = 'auto' }: PinoLoggerOptions): Logger {
  const options = {
    level,
    base: fields,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    messageKey: 'event',
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { error: serialised, cause: serialised, err: serialised },
  };
  const isReadable = format === 'readable' || (format === 'auto' && process.stderr.isTTY === true);
  // Synchronous, so that the last words of a dying process are on record.
  const target = isReadable
    ? { write: (json: string) => void process.stderr.write(readableLine(json)) }
    : destination({ dest: 2, sync: true });
  const logger = pino(options, target);
  const at =
    (name: Level): Logger['info'] =>
    (text, more) =>
      logger[name](more ?? {}, text);
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

function serialised(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const ours = error instanceof PipelineError ? { code: error.code, details: error.details } : {};
  return { ...stdSerializers.err(error), ...ours };
}
