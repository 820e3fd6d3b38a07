import { limitsOf } from '#services/ingest/config.ts';
import { startIngest } from '#services/ingest/service.ts';
import { configuredSource } from '#services/ingest/sources/configured-source.ts';
import { lastFeedPosition } from '#services/ingest/sources/feed-position.ts';
import { savingEveryBatch } from '#services/predict/config.ts';
import { startPredict } from '#services/predict/service.ts';
import { startServe } from '#services/serve/service.ts';
import { trainingFor } from '#services/train/config.ts';
import { startTrain } from '#services/train/service.ts';
import { FOLD_VERSION } from '#shared/forecast/forecaster.ts';
import type { ForecasterSettings } from '#shared/forecast/forecaster-settings.ts';
import { type Environment, openEnvironment } from '#shared/log/embedded/embedded-environment.ts';
import { openEmbeddedLog } from '#shared/log/embedded/embedded-log.ts';
import { readSettings } from '#shared/runtime/environment.ts';
import { eventLoopShare } from '#shared/runtime/event-loop-share.ts';
import {
  type RunningService,
  runUntilSignal,
  startInOrder,
  watchSignals,
} from '#shared/runtime/lifecycle.ts';
import type { Logger } from '#shared/runtime/logger.ts';
import { pinoLogger } from '#shared/runtime/pino-logger.ts';
import { prometheusMetrics } from '#shared/runtime/prometheus-metrics.ts';
import { systemClock } from '#shared/runtime/system-clock.ts';
import {
  openEmbeddedCommit,
  openEmbeddedModelStore,
} from '#shared/state/embedded/embedded-store.ts';
import { type SoloConfig, soloSettings } from './config.ts';
import { forecasterSettingsOf } from './forecaster-settings-of.ts';

/**
 * Runs ingest, predict, train and serve in this process on the embedded log and store, until a signal or a failure.
 *
 * @param tell is told, in a line, where the dashboard is
 * @returns the exit code
 * @throws SettingsError `SETTINGS_INVALID`, LogLockedError `LOG_LOCKED`, LogMismatchError `LOG_MISMATCH` and what a service
 * throws when it starts
 */
export async function runSolo(
  environment: Readonly<Record<string, string | undefined>>,
  tell: (text: string) => void,
): Promise<number> {
  const config = readSettings(soloSettings, environment);
  const logger = pinoLogger({ level: config.logLevel });
  const settings = forecasterSettingsOf(config);
  const store = await openEnvironment({
    folder: config.dataDir,
    partitionCount: config.partitions,
    retainRecords: config.retainRecords,
    settings: { ...settings, foldVersion: FOLD_VERSION },
  });
  const signals = watchSignals();
  try {
    const services = await startAll({ config, settings, store, logger, tell });
    const deadlineMs = config.drainSeconds * 1000;
    return await runUntilSignal(services, { logger, deadlineMs, signals });
  } finally {
    signals.close();
    await store.close();
  }
}

interface Composition {
  readonly config: SoloConfig;
  readonly settings: ForecasterSettings;
  readonly store: Environment;
  readonly logger: Logger;
  readonly tell: (text: string) => void;
}

/** Whoever reads starts before whoever writes, so that a stop, last started first, drains. */
async function startAll({
  config,
  settings,
  store,
  logger,
  tell,
}: Composition): Promise<readonly RunningService[]> {
  const clock = systemClock();
  const metrics = prometheusMetrics();
  const log = openEmbeddedLog(store);
  const ports = { log, models: openEmbeddedModelStore(store), clock, logger, metrics };
  const commit = openEmbeddedCommit(store, log);
  const source = configuredSource(config.ingest, clock, await lastFeedPosition(log));
  const started: RunningService[] = [];
  // `serve` asks this for its own answer; and forecasts need not wait until `train` has folded the whole log again.
  const needed = (): RunningService[] =>
    started.filter(({ name }) => name === 'ingest' || name === 'predict');
  const readiness = (): boolean =>
    started.length === 4 && needed().every((service) => service.isReady());
  const keep = async <T extends RunningService>(starting: Promise<T>): Promise<T> => {
    const service = await starting;
    started.push(service);
    return service;
  };
  return startInOrder([
    async () => {
      const serve = await keep(
        startServe({ ...ports, readiness, busyShare: eventLoopShare() }, config.serve),
      );
      tell(
        `foretick: dashboard at http://${config.serve.host}:${serve.port}/, data in ${config.dataDir}\n`,
      );
      return serve;
    },
    () => keep(startPredict({ ...ports, commit }, savingEveryBatch(config.predict), settings)),
    () => keep(startTrain(ports, trainingFor(settings, config.train), settings)),
    () => {
      const { badRows, warmUpTicks } = config.ingest;
      const { measure } = settings;
      const limits = limitsOf(config.ingest);
      const options = { badRows, measure, limits, begin: { warmUpTicks } };
      return keep(startIngest({ ...ports, source }, options));
    },
  ]);
}
