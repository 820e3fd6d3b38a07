import type { Logger } from './logger.ts';

/** A started service. `service.ts` of each service returns one; only `main.ts` decides what to do with it. */
export interface RunningService {
  readonly name: string;
  /** True once it does its work: /readyz answers 200 when every service of the process is ready. */
  isReady(): boolean;
  /** Resolves when all is ended: after `stop`, or by itself where the work is finite. Rejects when the service failed. */
  readonly done: Promise<void>;
  /** Drains and ends; idempotent. */
  stop(): Promise<void>;
}

export interface RunOptions {
  readonly logger: Logger;
  /** Drain time after a signal or a failure, ms. */
  readonly deadlineMs: number;
  /** Begun before the services were started, so that a signal meanwhile is a drain too; begun here where absent. */
  readonly signals?: SignalWatch;
}

/** Listens for SIGINT and SIGTERM, which then no longer end the process by themselves. */
export interface SignalWatch {
  readonly first: Promise<string>;
  readonly second: Promise<string>;
  close(): void;
}

type Ending = 'finished' | 'failed' | 'signalled';

/** Starts one service after the other; where one fails, those before it are stopped in reverse order and the error goes on. */
export async function startInOrder(
  starts: readonly (() => Promise<RunningService>)[],
): Promise<readonly RunningService[]> {
  const started: RunningService[] = [];
  try {
    for (const start of starts) started.push(await start());
    return started;
  } catch (error) {
    for (const service of started.reverse()) await service.stop();
    throw error;
  }
}

/**
 * Waits until SIGINT or SIGTERM, until a service fails, or until all have finished; then stops them, last started first.
 *
 * @param services in the order they were started
 * @returns the exit code: 0 after a clean drain, 1 where a service failed or the drain took longer than `deadlineMs`. It is set
 *   as `process.exitCode` too; `main.ts` should `process.exit` with it, for a hung service may keep the process alive.
 */
export async function runUntilSignal(
  services: readonly RunningService[],
  { logger, deadlineMs, signals = watchSignals() }: RunOptions,
): Promise<number> {
  const failures = services.map((service) =>
    service.done.then(
      () => 'finished' as const,
      (error: unknown) => {
        logger.error('service failed', { service: service.name, error });
        return 'failed' as const;
      },
    ),
  );
  const ending = await Promise.race([signals.first.then(told(logger)), firstEnding(failures)]);
  const drained = await Promise.race([
    stopInReverse(services, logger),
    signals.second.then(() => 'interrupted' as const),
    deadline(deadlineMs),
  ]);
  signals.close();
  if (drained !== 'drained' && drained !== 'failed')
    logger.error('drain cut short', { reason: drained, deadlineMs });
  const outcomes = drained === 'drained' ? await Promise.all(failures) : [ending];
  const code = drained === 'drained' && !outcomes.includes('failed') ? 0 : 1;
  process.exitCode = code;
  return code;
}

const told = (logger: Logger) => (signal: string) => {
  logger.info('signal received, draining', { signal });
  return 'signalled' as const;
};

function firstEnding(outcomes: readonly Promise<'finished' | 'failed'>[]): Promise<Ending> {
  return new Promise((resolve) => {
    for (const one of outcomes) void one.then((end) => end === 'failed' && resolve('failed'));
    void Promise.all(outcomes).then(() => resolve('finished'));
  });
}

async function stopInReverse(
  services: readonly RunningService[],
  logger: Logger,
): Promise<'drained' | 'failed'> {
  let outcome: 'drained' | 'failed' = 'drained';
  for (const service of [...services].reverse()) {
    try {
      await service.stop();
    } catch (error) {
      logger.error('service did not stop cleanly', { service: service.name, error });
      outcome = 'failed';
    }
  }
  return outcome;
}

function deadline(ms: number): Promise<'deadline passed'> {
  return new Promise((resolve) => {
    setTimeout(() => resolve('deadline passed'), ms).unref();
  });
}

export function watchSignals(): SignalWatch {
  const first = Promise.withResolvers<string>();
  const second = Promise.withResolvers<string>();
  let count = 0;
  const onSignal = (signal: string) => (count++ === 0 ? first : second).resolve(signal);
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, onSignal);
  return {
    first: first.promise,
    second: second.promise,
    close: () => {
      for (const name of ['SIGINT', 'SIGTERM'] as const) process.off(name, onSignal);
    },
  };
}
