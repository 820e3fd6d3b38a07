import { CorruptBytesError, PipelineError } from '#shared/errors.ts';
import type { ForecastModel } from '#shared/forecast/fold-output.ts';
import { decodeModel, type Model } from '#shared/forecast/model-artefact.ts';
import type { LogRecord } from '#shared/log/event-log.ts';
import { decodeTickRecord, isControlRecord } from '#shared/market/tick-record.ts';
import type { KernelName } from '#shared/nn/kernels/kernel.ts';
import { QuantileNetwork } from '#shared/nn/quantile-network.ts';
import type { Clock } from '#shared/runtime/clock.ts';
import type { Logger } from '#shared/runtime/logger.ts';
import type { ModelStore } from '#shared/state/model-store.ts';

/** A model of other sizes, horizons or features than the run's. Reaction: stop; it was not trained for this run. */
export class ModelMismatchError extends PipelineError {
  override readonly code = 'MODEL_MISMATCH';
}

const RETRY_MS = 1000;

export interface FollowerPorts {
  readonly models: ModelStore;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Gets the artefacts that switches name, before the fold reaches them. A model that is not there yet stalls its partition with an
 * alarm each second: a switch is never skipped, since then live and replay would differ.
 */
export class ModelFollower {
  readonly #ports: FollowerPorts;
  readonly #genesis: Uint8Array;
  /** What every model of the run must be like. */
  readonly #expected: Model;
  readonly #kernel: KernelName;
  /** All partitions switch to the same model at about the same time. */
  #newest: ForecastModel | null = null;

  constructor(ports: FollowerPorts, genesis: Uint8Array, kernel: KernelName) {
    this.#ports = ports;
    this.#genesis = genesis;
    this.#expected = decodeModel(genesis);
    this.#kernel = kernel;
  }

  /** The model of a run that has trained nothing yet: the same for every process, since it is made from the settings. */
  async genesis(): Promise<ForecastModel> {
    return this.#forecastModel(await this.#ports.models.put(this.#genesis), this.#genesis);
  }

  /** Waits until the model is there. @throws the reason of the signal, where it is aborted meanwhile */
  async model(sha: string, signal: AbortSignal): Promise<ForecastModel> {
    for (;;) {
      if (this.#newest?.sha === sha) return this.#newest;
      const bytes = await this.#whole(sha);
      if (bytes !== null) return this.#forecastModel(sha, bytes);
      this.#ports.logger.error('model was missing, partition waits', { sha });
      await this.#ports.clock.sleep(RETRY_MS, signal);
      signal.throwIfAborted();
    }
  }

  async switchedTo(records: readonly LogRecord[], signal: AbortSignal): Promise<ForecastModel[]> {
    const models: ForecastModel[] = [];
    for (const { value } of records) {
      const sha = shaSwitchedTo(value);
      if (sha !== null) models.push(await this.model(sha, signal));
    }
    return models;
  }

  /** A damaged artefact is as good as none: who still has it may put it again. */
  async #whole(sha: string): Promise<Uint8Array | null> {
    try {
      return await this.#ports.models.get(sha);
    } catch (error) {
      if (!(error instanceof CorruptBytesError)) throw error;
      this.#ports.logger.error('model was damaged', { sha, error: error.message });
      return null;
    }
  }

  #forecastModel(sha: string, bytes: Uint8Array): ForecastModel {
    // Another partition may have read it meanwhile.
    if (this.#newest?.sha === sha) return this.#newest;
    const { shape, weights, ...model } = decodeModel(bytes);
    const expected = this.#expected;
    for (const key of ['featureVersion', 'horizons', 'levels'] as const) {
      requireSame(sha, key, model[key], expected[key]);
    }
    requireSame(sha, 'shape', shape, expected.shape);
    this.#newest = { sha, network: new QuantileNetwork(shape, weights, this.#kernel) };
    return this.#newest;
  }
}

function requireSame(sha: string, key: string, found: unknown, expected: unknown): void {
  const [was, should] = [JSON.stringify(found), JSON.stringify(expected)];
  if (was === should) return;
  throw new ModelMismatchError(
    `${key} of model ${sha} must be ${should} as in this run, was ${was}`,
    { sha, key },
  );
}

function shaSwitchedTo(value: Uint8Array): string | null {
  if (!isControlRecord(value)) return null;
  try {
    const control = decodeTickRecord(value);
    return control.kind === 'switch' ? control.sha : null;
  } catch (error) {
    // The fold makes a reject of a record that cannot be read; to throw here would stop its partition for good.
    if (error instanceof CorruptBytesError) return null;
    throw error;
  }
}
