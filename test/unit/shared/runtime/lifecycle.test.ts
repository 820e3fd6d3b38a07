import { expect, onTestFinished, test } from 'vitest';
import {
  type RunningService,
  runUntilSignal,
  startInOrder,
  watchSignals,
} from '#shared/runtime/lifecycle.ts';
import { memoryLogger } from '#shared/runtime/memory-logger.ts';

interface ScriptedService extends RunningService {
  fail(error: Error): void;
  finish(): void;
}

function aService(
  name: string,
  calls: string[],
  stop: () => Promise<void> = async () => {},
): ScriptedService {
  const done = Promise.withResolvers<void>();
  return {
    name,
    isReady: () => true,
    done: done.promise,
    fail: done.reject,
    finish: done.resolve,
    stop: async () => {
      calls.push(`stop ${name}`);
      await stop();
      done.resolve();
    },
  };
}

function keepExitCode(): void {
  const before = process.exitCode;
  onTestFinished(() => {
    process.exitCode = before;
  });
}

const until = { deadlineMs: 600_000 };

test('a signal that comes while services start is a drain once they have', async () => {
  keepExitCode();
  const calls: string[] = [];
  const signals = watchSignals();
  process.emit('SIGTERM', 'SIGTERM');
  const services = await startInOrder([async () => aService('a', calls)]);
  expect(await runUntilSignal(services, { ...until, logger: memoryLogger(), signals })).toBe(0);
  expect(calls).toEqual(['stop a']);
});

test('a signal stops the services, last started first, and the exit code is 0', async () => {
  keepExitCode();
  const calls: string[] = [];
  const services = [aService('log', calls), aService('predict', calls), aService('serve', calls)];
  const code = runUntilSignal(services, { logger: memoryLogger(), ...until });
  process.emit('SIGTERM', 'SIGTERM');
  expect(await code).toBe(0);
  expect(calls).toEqual(['stop serve', 'stop predict', 'stop log']);
});

test('a service that fails stops the others, is named in the log, and the exit code is 1', async () => {
  keepExitCode();
  const calls: string[] = [];
  const logger = memoryLogger();
  const [one, two] = [aService('predict', calls), aService('serve', calls)];
  const code = runUntilSignal([one, two], { logger, ...until });
  one.fail(new Error('disk is full'));
  expect(await code).toBe(1);
  expect(process.exitCode).toBe(1);
  expect(calls).toEqual(['stop serve', 'stop predict']);
  expect(logger.events).toMatchObject([
    { level: 'error', text: 'service failed', fields: { service: 'predict' } },
  ]);
});

test('services that have all finished end the run by themselves with 0', async () => {
  keepExitCode();
  const calls: string[] = [];
  const [one, two] = [aService('ingest', calls), aService('predict', calls)];
  const code = runUntilSignal([one, two], { logger: memoryLogger(), ...until });
  one.finish();
  two.finish();
  expect(await code).toBe(0);
});

test('a service that does not drain is given up after the deadline with 1', async () => {
  keepExitCode();
  const calls: string[] = [];
  const logger = memoryLogger();
  const hung = aService('serve', calls, () => new Promise(() => {}));
  const code = runUntilSignal([hung], { logger, deadlineMs: 20 });
  process.emit('SIGINT', 'SIGINT');
  expect(await code).toBe(1);
  expect(logger.events.at(-1)).toMatchObject({ fields: { reason: 'deadline passed' } });
});

test('a second signal does not wait for the drain', async () => {
  keepExitCode();
  const hung = aService('serve', [], () => new Promise(() => {}));
  const code = runUntilSignal([hung], { logger: memoryLogger(), deadlineMs: 600_000 });
  process.emit('SIGINT', 'SIGINT');
  process.emit('SIGINT', 'SIGINT');
  expect(await code).toBe(1);
});

test('no signal handler is left behind', async () => {
  keepExitCode();
  const before = process.listenerCount('SIGTERM');
  const service = aService('one', []);
  const code = runUntilSignal([service], { logger: memoryLogger(), ...until });
  service.finish();
  await code;
  expect(process.listenerCount('SIGTERM')).toBe(before);
});

test('a service that cannot start has those before it stopped in reverse', async () => {
  const calls: string[] = [];
  const start = (name: string) => async () => aService(name, calls);
  const failing = async (): Promise<RunningService> => {
    throw new Error('port 8080 is taken');
  };
  await expect(startInOrder([start('a'), start('b'), failing, start('c')])).rejects.toThrow(
    'port 8080 is taken',
  );
  expect(calls).toEqual(['stop b', 'stop a']);
});
