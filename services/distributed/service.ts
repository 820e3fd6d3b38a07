import { readSettings } from '#shared/runtime/environment.ts';
import { type RunningService, runUntilSignal, watchSignals } from '#shared/runtime/lifecycle.ts';
import type { Logger } from '#shared/runtime/logger.ts';
import type { Metrics } from '#shared/runtime/metrics.ts';
import { pinoLogger } from '#shared/runtime/pino-logger.ts';
import { prometheusMetrics } from '#shared/runtime/prometheus-metrics.ts';
import { EXIT_CODES } from '#shared/runtime/report-failure.ts';
import { systemClock } from '#shared/runtime/system-clock.ts';
import { Brokers } from './brokers.ts';
import { type DistributedConfig, distributedSettings } from './config.ts';
import { type HealthServer, startHealthServer } from './health-server.ts';
import { type ServiceName, startService } from './start-service.ts';

/** Beside the drain: what a supervisor is asked to grant more. */
const CLOSE_MS = 3_000;
const TELL_OF_WAITING_MS = 5_000;

type Tell = (text: string) => void;

/**
 * Runs one service in this process on Kafka and Redis, until a signal, a failure, or the end of a finite source.
 *
 * @param tell is told, in a line, where health, or what is served, can be asked for
 * @returns the exit code
 * @throws SettingsError `SETTINGS_INVALID`, and what opening the brokers and starting the service throw
 */
export async function runService(
  name: ServiceName,
  environment: Readonly<Record<string, string | undefined>>,
  tell: Tell = (text) => void process.stdout.write(text),
): Promise<number> {
  const config = readSettings(distributedSettings, environment);
  const running = new ServiceProcess(name, config, tell);
  const signals = watchSignals();
  try {
    const { logger } = running;
    // Brokers may be away for long: who asks for an end meanwhile need not wait for them.
    const start = running.start();
    const started = await Promise.race([start, signals.first.then(() => null)]);
    if (started === null) {
      // That the start fails now is no news.
      start.catch(() => undefined);
      logger.info('signal received before the service had started');
      return EXIT_CODES.ok;
    }
    const deadlineMs = config.drainSeconds * 1000;
    return await runUntilSignal([started], { logger, deadlineMs, signals });
  } finally {
    signals.close();
    await running.close();
  }
}

class ServiceProcess {
  readonly logger: Logger;
  readonly #name: ServiceName;
  readonly #config: DistributedConfig;
  readonly #tell: Tell;
  readonly #metrics: Metrics = prometheusMetrics();
  #health: HealthServer | null = null;
  #brokers: Brokers | null = null;
  #service: RunningService | null = null;

  constructor(name: ServiceName, config: DistributedConfig, tell: Tell) {
    this.#name = name;
    this.#config = config;
    this.#tell = tell;
    this.logger = pinoLogger({ level: config.logLevel });
  }

  async start(): Promise<RunningService> {
    const tellOfWaiting = () =>
      this.logger.warn('service had not started yet, brokers may be away');
    const waiting = setInterval(tellOfWaiting, TELL_OF_WAITING_MS).unref();
    try {
      return await this.#start();
    } finally {
      clearInterval(waiting);
    }
  }

  async #start(): Promise<RunningService> {
    const config = this.#config;
    if (this.#name !== 'serve') await this.#startHealth();
    this.#brokers = await Brokers.open(config, `foretick-${this.#name}`);
    const ports = { clock: systemClock(), logger: this.logger, metrics: this.#metrics };
    const options = { config, brokers: this.#brokers, ports, tell: this.#tell };
    this.#service = await startService(this.#name, options);
    return this.#service;
  }

  /** Brokers that are away are not waited for. */
  async close(): Promise<void> {
    const given = Promise.withResolvers<void>();
    setTimeout(given.resolve, CLOSE_MS).unref();
    await Promise.race([this.#closeAll(), given.promise]);
  }

  async #closeAll(): Promise<void> {
    await this.#brokers?.close();
    await this.#health?.close();
  }

  async #startHealth(): Promise<void> {
    const { healthHost: host, healthPort: port } = this.#config;
    const isReady = () => this.#service?.isReady() ?? false;
    this.#health = await startHealthServer({ host, port, metrics: this.#metrics, isReady });
    this.#tell(`foretick: ${this.#name} health at ${this.#health.url}/\n`);
  }
}
