import { limitsOf } from '#services/ingest/config.ts';
import { startIngest } from '#services/ingest/service.ts';
import { configuredSource } from '#services/ingest/sources/configured-source.ts';
import { lastFeedPosition } from '#services/ingest/sources/feed-position.ts';
import { startPredict } from '#services/predict/service.ts';
import { startServe } from '#services/serve/service.ts';
import { forecasterSettingsOf } from '#services/solo/forecaster-settings-of.ts';
import { trainingFor } from '#services/train/config.ts';
import { startTrain } from '#services/train/service.ts';
import type { Clock } from '#shared/runtime/clock.ts';
import { eventLoopShare } from '#shared/runtime/event-loop-share.ts';
import type { RunningService } from '#shared/runtime/lifecycle.ts';
import type { Logger } from '#shared/runtime/logger.ts';
import type { Metrics } from '#shared/runtime/metrics.ts';
import type { Brokers } from './brokers.ts';
import type { DistributedConfig } from './config.ts';

/** The services that run as processes of their own. */
export type ServiceName = 'ingest' | 'predict' | 'train' | 'serve';

export interface StartOptions {
  readonly config: DistributedConfig;
  readonly brokers: Brokers;
  readonly ports: { readonly clock: Clock; readonly logger: Logger; readonly metrics: Metrics };
  readonly tell: (text: string) => void;
}

/** Starts one service on the brokers: what it needs of them, and nothing else, is opened here. */
export function startService(name: ServiceName, options: StartOptions): Promise<RunningService> {
  return STARTS[name](options);
}

const STARTS: Readonly<Record<ServiceName, (options: StartOptions) => Promise<RunningService>>> = {
  ingest: async ({ config, brokers: { log }, ports }) => {
    const source = configuredSource(config.ingest, ports.clock, await lastFeedPosition(log));
    const { badRows, warmUpTicks } = config.ingest;
    const { measure } = config;
    const options = { badRows, measure, limits: limitsOf(config.ingest), begin: { warmUpTicks } };
    return startIngest({ ...ports, log, source }, options);
  },
  predict: async ({ config, brokers, ports }) => {
    const [commit, models] = [await brokers.commit(), await brokers.models()];
    const snapshots = brokers.snapshots();
    if (snapshots === null) ports.logger.warn('no snapshots are taken, as no folder is set');
    if (config.stores.modelStore === 'redis') {
      ports.logger.warn('models lie in Redis and are lost with it', { better: 'files' });
    }
    const floor = snapshots === null ? {} : { snapshots };
    const all = { ...ports, log: brokers.log, commit, models, ...floor };
    return startPredict(all, config.predict, forecasterSettingsOf(config));
  },
  train: async ({ config, brokers, ports }) => {
    const all = { ...ports, log: brokers.log, models: await brokers.models() };
    const settings = forecasterSettingsOf(config);
    return startTrain(all, trainingFor(settings, config.train), settings);
  },
  serve: async ({ config, brokers: { log }, ports, tell }) => {
    const serve = await startServe(
      { ...ports, log, readiness: () => true, busyShare: eventLoopShare() },
      config.serve,
    );
    tell(`foretick: serve at http://${config.serve.host}:${serve.port}/\n`);
    return serve;
  },
};
