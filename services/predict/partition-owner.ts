import type { FoldOutput } from '#shared/forecast/fold-output.ts';
import { packsOf } from '#shared/forecast/forecast-packs.ts';
import { Forecaster } from '#shared/forecast/forecaster.ts';
import type { ForecasterSettings } from '#shared/forecast/forecaster-settings.ts';
import { decodePartitionState } from '#shared/forecast/partition-state.ts';
import { encodeScore } from '#shared/forecast/score-record.ts';
import type { LogRecord } from '#shared/log/event-log.ts';
import { LogGapError } from '#shared/log/log-errors.ts';
import { encodeVersionedJson } from '#shared/numeric/versioned-json.ts';
import type { Output, PartitionCommit } from '#shared/state/partition-commit.ts';
import type { ModelFollower } from './model-follower.ts';

const REJECT_VERSION = 1;

export interface OwnerPorts {
  readonly commit: PartitionCommit;
  readonly models: ModelFollower;
}

/**
 * The one writer of a partition's state, from claim to revocation. It restores, folds, and moves state, position and forecasts
 * together. After any throw it must be dropped with its memory: the next claim starts from what was committed.
 */
export class PartitionOwner {
  readonly partition: number;
  readonly #ports: OwnerPorts;
  readonly #settings: ForecasterSettings;
  readonly #forecaster: Forecaster;
  readonly #token: string;
  #next: bigint;

  private constructor(
    partition: number,
    ports: OwnerPorts,
    settings: ForecasterSettings,
    claimed: { readonly forecaster: Forecaster; readonly token: string; readonly next: bigint },
  ) {
    this.partition = partition;
    this.#ports = ports;
    this.#settings = settings;
    this.#forecaster = claimed.forecaster;
    this.#token = claimed.token;
    this.#next = claimed.next;
  }

  /**
   * Takes the partition over and restores its state.
   *
   * @throws StateFencedError `STATE_FENCED`, StateWrongRunError `STATE_WRONG_RUN`, CorruptBytesError `BYTES_CORRUPT`
   */
  static async claim(
    { partition, generation }: { readonly partition: number; readonly generation: number },
    ports: OwnerPorts,
    settings: ForecasterSettings,
  ): Promise<PartitionOwner> {
    const { token, header } = await ports.commit.claim(partition, generation);
    const forecaster = new Forecaster(partition, settings, await ports.models.genesis());
    if (header !== null) {
      const { modelSha } = decodePartitionState(header.partitionState);
      forecaster.addModel(await ports.models.model(modelSha));
      forecaster.restorePartition(header.partitionState);
      for await (const page of ports.commit.load(partition)) {
        for (const { symbol, bytes } of page) forecaster.restoreSymbol(symbol, bytes);
      }
    }
    const claimed = { forecaster, token, next: header?.next ?? 0n };
    return new PartitionOwner(partition, ports, settings, claimed);
  }

  /** Offset of the first record that the state does not yet contain. */
  get next(): bigint {
    return this.#next;
  }

  /**
   * What of a batch is not yet folded. A batch is not trusted to begin where the state ends: what lies before is dropped.
   *
   * @throws LogGapError `LOG_GAP`
   */
  unfolded(records: readonly LogRecord[]): readonly LogRecord[] {
    const fresh = records.filter(({ offset }) => offset >= this.#next);
    if (fresh.length > 0 && fresh[0].offset !== this.#next) {
      const { partition } = this;
      throw new LogGapError(
        `partition ${partition} must go on at offset ${this.#next}, the batch went on at ${fresh[0].offset}`,
        { partition, next: `${this.#next}`, offset: `${fresh[0].offset}` },
      );
    }
    return fresh;
  }

  /** Fetches the models that these records switch to, so that the fold itself never waits. */
  async prefetch(records: readonly LogRecord[]): Promise<void> {
    for (const model of await this.#ports.models.switchedTo(records))
      this.#forecaster.addModel(model);
  }

  fold(records: readonly LogRecord[]): FoldOutput {
    return this.#forecaster.fold(records);
  }

  /** Moves state, position and outputs together. @throws StateFencedError `STATE_FENCED`, StateConflictError `STATE_CONFLICT` */
  async commit(next: bigint, out: FoldOutput): Promise<void> {
    await this.#ports.commit.commit({
      partition: this.partition,
      token: this.#token,
      base: this.#next,
      next,
      partitionState: this.#forecaster.partitionState(),
      symbols: this.#forecaster.drainChanged(),
      outputs: this.#outputsOf(out),
    });
    this.#next = next;
  }

  #outputsOf(out: FoldOutput): Output[] {
    const { partition } = this;
    const rejects = out.rejects.map(({ src, reason, message }) =>
      encodeVersionedJson(REJECT_VERSION, { reason, where: `ticks/${partition}/${src}`, message }),
    );
    const outputs: Output[] = [
      { topic: 'forecasts', partition, values: packsOf(out.entries, this.#settings.levels) },
      { topic: 'scores', partition: 0, values: out.scores.map(encodeScore) },
      { topic: 'rejects', partition: 0, values: rejects },
    ];
    return outputs.filter(({ values }) => values.length > 0);
  }
}
