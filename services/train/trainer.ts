import { createObservation } from '#shared/forecast/create-observation.ts';
import type { ForecasterSettings } from '#shared/forecast/forecaster-settings.ts';
import { decodeModel, encodeModel, type Model } from '#shared/forecast/model-artefact.ts';
import type { TrainingReport } from '#shared/forecast/model-event.ts';
import { networkTargets } from '#shared/forecast/network-targets.ts';
import type { SymbolObservation } from '#shared/forecast/symbol-observation.ts';
import { networkCell } from '#shared/nn/network-shape.ts';
import { norm } from '#shared/nn/optimisers/clip-gradient.ts';
import { QuantileNetwork } from '#shared/nn/quantile-network.ts';
import { Random } from '#shared/nn/random.ts';
import { Tbptt } from '#shared/nn/tbptt.ts';
import type { TrainRecipe } from './config.ts';
import { heldOutWindows, isHeldOut } from './held-out.ts';
import { refusalOf } from './model-gate.ts';
import { optimise } from './optimise.ts';
import { PartitionTape } from './partition-tape.ts';
import { NO_REACH, ReachProbe } from './reach-probe.ts';
import { bytesPerStep, STATE_EVERY, type SymbolTape } from './symbol-tape.ts';
import { type Counts, canTrain, fillBatch, sampleWindows } from './window-sampler.ts';

/** Boundaries within which new weights have had their first updates. */
const FIRST_BOUNDARIES = 36;

export interface TrainerOptions {
  readonly settings: ForecasterSettings;
  readonly recipe: TrainRecipe;
  readonly partitionCount: number;
  /** The first model's bytes. */
  readonly genesis: Uint8Array;
}

export interface TrainingTask {
  readonly id: number;
  readonly seed: number;
  /** sha256 of the model in use, hex. */
  readonly parentSha: string;
}

export interface TrainingResult {
  /** Bytes of the new model; null where it was refused. */
  readonly artefact: Uint8Array | null;
  /** Why it was refused; empty else. */
  readonly reason: string;
  readonly report: TrainingReport;
}

/**
 * The learning half of the pipeline without its surroundings: folds records, trains at boundaries. A deterministic function of the
 * records of each partition, of the boundaries between them and of the recipe; how partitions interleave between two boundaries
 * changes nothing. No clock, no thread: worker.ts puts it into one.
 */
export class Trainer {
  private readonly options: TrainerOptions;
  private readonly observation: SymbolObservation;
  private readonly tapes: readonly PartitionTape[];
  private readonly networks = new Map<number, QuantileNetwork>();
  private readonly batch: Tbptt;
  private readonly probe: ReachProbe;
  private model: Model;
  private limit: number;

  constructor(options: TrainerOptions) {
    const { settings, recipe, partitionCount, genesis } = options;
    this.options = options;
    this.observation = createObservation(settings);
    this.model = decodeModel(genesis);
    this.limit = floorToState(recipe.ringSteps);
    const { shape, weights } = this.model;
    const { kernel } = settings;
    const { levels, loss, weights: targetWeights } = networkTargets(settings);
    const { windows, steps, dropout } = recipe;
    const size = { windows, steps: floorToState(steps) };
    this.batch = new Tbptt({ shape, levels, ...size, dropout, kernel, loss, targetWeights });
    this.probe = new ReachProbe(shape, this.sizes);
    const network = new QuantileNetwork(shape, weights, kernel);
    this.tapes = Array.from({ length: partitionCount }, (_, partition) => {
      const networkOf = (id: number) => this.networks.get(id);
      const { observation } = this;
      const limit = () => this.limit;
      return new PartitionTape({ partition, observation, limit, networkOf }, network);
    });
  }

  /** @returns ticks among the records, controls not counted */
  fold(partition: number, values: readonly Uint8Array[]): number {
    const tape = this.tapes[partition];
    const before = tape.tickCount;
    for (const value of values) tape.fold(value);
    return tape.tickCount - before;
  }

  /** Trains on what is folded. Changes nothing here: `conclude` does, once the outcome stands in the log. */
  train(task: TrainingTask): TrainingResult {
    const steps = this.steps;
    const tapes = this.symbols().filter((tape) => canTrain(tape, steps));
    if (tapes.length === 0) return this.refused('TOO_FEW_TICKS');
    const { recipe, settings } = this.options;
    const judged = { id: task.id, steps };
    const isTrained: Counts = (tape, t, k) =>
      !isHeldOut(tape, t, this.observation.horizons[k], judged);
    const random = new Random(`windows ${task.seed}`);
    const sampling = { ...recipe, steps };
    const isWarmingUp = this.isWarmingUp();
    const result = optimise(this.model, this.batch, {
      updates: this.pace(isWarmingUp),
      learningRate: recipe.learningRate * (isWarmingUp ? 1 : recipe.onlineRateShare),
      targetRates: networkTargets(settings).rates,
      recipe,
      dropout: new Random(`dropout ${task.seed}`),
      fill: () => {
        const windows = sampleWindows(tapes, recipe.windows, random, sampling);
        fillBatch(this.batch, windows, this.sizes, isTrained);
      },
    });
    const { weights, training, counts } = result;
    const candidate = {
      updates: counts.done,
      weights,
      weightNorm: norm(weights),
      lossBefore: this.heldOutLoss(this.model.weights, tapes, judged),
      lossAfter: this.heldOutLoss(weights, tapes, judged),
    };
    const reason = refusalOf(candidate, recipe) ?? '';
    const artefact = encodeModel({ ...this.model, weights, training, parentSha: task.parentSha });
    return {
      artefact: reason === '' ? artefact : null,
      reason,
      report: {
        updates: counts.done,
        lossBefore: candidate.lossBefore,
        lossAfter: candidate.lossAfter,
        gradientNorm: counts.meanNorm,
        clippedUpdates: counts.clipped,
        skippedUpdates: counts.skipped,
        ...this.probe.report(this.model, weights, tapes, { seed: task.seed, sampling }),
        eventTimeNs: this.newestNs(),
      },
    };
  }

  /**
   * Boundary `id` has its outcome: what matured so far is no longer news, memory is cut to its bound, and the new model, if there
   * is one, waits for its switch in each partition. Called for every boundary, in order, when all partitions stand at it.
   */
  conclude(id: number, artefact: Uint8Array | null): void {
    if (artefact !== null) {
      this.model = decodeModel(artefact);
      const { shape, weights } = this.model;
      this.networks.set(id, new QuantileNetwork(shape, weights, this.options.settings.kernel));
    }
    const passed = Math.min(...this.tapes.map((tape) => tape.lastBoundary));
    for (const known of this.networks.keys()) if (known <= passed) this.networks.delete(known);
    const symbols = this.symbols();
    const { recipe } = this.options;
    const { inputSize, horizons } = this.observation;
    const { stateSize } = networkCell(this.model.shape);
    const step = bytesPerStep(inputSize, horizons.length, stateSize);
    const share = (recipe.memoryMegabytes * 1e6) / step / Math.max(1, symbols.length);
    this.limit = Math.max(
      floorToState(2 * this.steps),
      floorToState(Math.min(recipe.ringSteps, share)),
    );
    for (const symbol of symbols) {
      symbol.newsFrom = symbol.count;
      symbol.cutTo(this.limit);
    }
  }

  private get steps(): number {
    return floorToState(this.options.recipe.steps);
  }

  private get sizes() {
    const { recipe } = this.options;
    return { rows: recipe.windows, steps: this.steps, horizons: this.observation.horizons.length };
  }

  /** All symbols by name: the order in which partitions met them must not matter. */
  private symbols(): SymbolTape[] {
    return this.tapes
      .flatMap((tape) => [...tape.symbols.values()])
      .sort((a, b) => (a.symbol < b.symbol ? -1 : 1));
  }

  /** Updates of the boundary that comes. New weights catch up however short the warm-up is. */
  private pace(isWarmingUp: boolean): number {
    const { firstUpdates, warmUpUpdates, updates } = this.options.recipe;
    if (!isWarmingUp) return updates;
    const isNew = this.model.training.updates < firstUpdates;
    return isNew
      ? Math.max(warmUpUpdates, Math.ceil(firstUpdates / FIRST_BOUNDARIES))
      : warmUpUpdates;
  }

  /** During the tape's warm-up, and until the weights have had their first updates: a live feed is past its warm-up at once. */
  private isWarmingUp(): boolean {
    if (this.model.training.updates < this.options.recipe.firstUpdates) return true;
    const until = this.tapes
      .map((tape) => tape.begin?.warmUpUntilNs)
      .find((ns) => ns !== undefined);
    if (until !== undefined) return BigInt(this.newestNs()) < BigInt(until);
    const ticks = Math.max(0, ...this.tapes.map((tape) => tape.begin?.warmUpTicks ?? 0));
    const symbols = this.symbols();
    return symbols.filter((tape) => tape.count < ticks).length * 2 > symbols.length;
  }

  /** Mean loss of the held-out pairs; NaN where there is none. Windows start from the stored states for old and new weights alike. */
  private heldOutLoss(
    weights: Float32Array,
    tapes: readonly SymbolTape[],
    judged: { readonly id: number; readonly steps: number },
  ): number {
    const { horizons } = this.observation;
    const windows = heldOutWindows(tapes, Math.max(...horizons), judged);
    const counts: Counts = (tape, t, k) => isHeldOut(tape, t, horizons[k], judged);
    let sum = 0;
    let pairs = 0;
    for (let at = 0; at < windows.length; at += this.sizes.rows) {
      fillBatch(this.batch, windows.slice(at, at + this.sizes.rows), this.sizes, counts);
      pairs += this.batch.pairs();
      sum += this.batch.lossSum(weights);
    }
    return pairs === 0 ? Number.NaN : sum / pairs;
  }

  private newestNs(): string {
    let newest: bigint | null = null;
    for (const tape of this.tapes) {
      if (tape.newestNs !== null && (newest === null || tape.newestNs > newest))
        newest = tape.newestNs;
    }
    return `${newest ?? 0n}`;
  }

  private refused(reason: string): TrainingResult {
    const unknown = Number.NaN;
    const losses = { lossBefore: unknown, lossAfter: unknown, gradientNorm: unknown };
    const counts = { updates: 0, clippedUpdates: 0, skippedUpdates: 0 };
    return {
      artefact: null,
      reason,
      report: { ...losses, ...counts, ...NO_REACH, eventTimeNs: this.newestNs() },
    };
  }
}

function floorToState(steps: number): number {
  return Math.max(STATE_EVERY, Math.floor(steps / STATE_EVERY) * STATE_EVERY);
}
