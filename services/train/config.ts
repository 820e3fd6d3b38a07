import type { ForecasterSettings } from '#shared/forecast/forecaster-settings.ts';
import { type ConfigOf, choice, integer, number } from '#shared/runtime/environment.ts';

/** The recipe of one training; measured on tapes of trades and quotes (docs/model.md). */
const recipe = {
  updates: integer('FORETICK_TRAIN_UPDATES', {
    default: 12,
    atLeast: 1,
    atMost: 10_000,
    unit: 'mini-batches',
    meaning: 'Optimiser steps per boundary after warm-up; many more of them overfit the replay',
  }),
  warmUpUpdates: integer('FORETICK_TRAIN_WARM_UP_UPDATES', {
    default: 24,
    atLeast: 1,
    atMost: 10_000,
    unit: 'mini-batches',
    meaning: 'Optimiser steps per boundary during warm-up',
  }),
  firstUpdates: integer('FORETICK_TRAIN_FIRST_UPDATES', {
    default: 300,
    atLeast: 0,
    atMost: 1_000_000,
    unit: 'mini-batches',
    meaning:
      'Optimiser steps that new weights get at the rate of warm-up, whenever it ends, within 36 boundaries',
  }),
  windows: integer('FORETICK_TRAIN_WINDOWS', {
    default: 16,
    atLeast: 1,
    atMost: 1024,
    unit: 'windows',
    meaning: 'Windows of a mini-batch',
  }),
  steps: integer('FORETICK_TRAIN_STEPS', {
    default: 64,
    atLeast: 8,
    atMost: 1024,
    unit: 'ticks',
    meaning: 'Ticks of a window, through which gradients run back',
  }),
  learningRate: number('FORETICK_TRAIN_LEARNING_RATE', {
    default: 6e-3,
    above: 0,
    atMost: 1,
    unit: 'per step',
    meaning: 'AdamW step size during warm-up',
  }),
  onlineRateShare: number('FORETICK_TRAIN_ONLINE_RATE_SHARE', {
    default: 0.8,
    above: 0,
    atMost: 1,
    unit: 'ratio',
    meaning: 'Share of the step size that is used after warm-up',
  }),
  weightDecay: number('FORETICK_TRAIN_WEIGHT_DECAY', {
    default: 1e-2,
    atLeast: 0,
    atMost: 1,
    unit: 'per step',
    meaning: 'AdamW decoupled weight decay',
  }),
  clipNorm: number('FORETICK_TRAIN_CLIP_NORM', {
    default: 1,
    above: 0,
    atMost: 1e6,
    unit: 'norm',
    meaning: 'Largest global norm of a gradient',
  }),
  emaDecay: number('FORETICK_TRAIN_EMA_DECAY', {
    default: 0.98,
    atLeast: 0,
    atMost: 0.999999,
    unit: 'per update',
    meaning: 'Decay of the running mean of the weights, which forecasts use',
  }),
  dropout: number('FORETICK_TRAIN_DROPOUT', {
    default: 0.4,
    atLeast: 0,
    atMost: 0.9,
    unit: 'ratio',
    meaning: "Share of h and of the head's hidden layer that is dropped in training",
  }),
  recentShare: number('FORETICK_TRAIN_RECENT_SHARE', {
    default: 0.7,
    atLeast: 0,
    atMost: 1,
    unit: 'ratio',
    meaning: 'Share of windows drawn near the present; the others are drawn evenly from the past',
  }),
  recentReach: number('FORETICK_TRAIN_RECENT_REACH', {
    default: 0.1,
    above: 0,
    atMost: 10,
    unit: 'ratio',
    meaning: 'Mean age of recent windows, as a share of the history kept',
  }),
  gateRatio: number('FORETICK_TRAIN_GATE_RATIO', {
    default: 1.05,
    above: 0,
    atMost: 100,
    unit: 'ratio',
    meaning: 'Largest loss of new weights on held-out ticks, as a multiple of that of the old',
  }),
  largestNorm: number('FORETICK_TRAIN_LARGEST_NORM', {
    default: 100,
    above: 0,
    atMost: 1e9,
    unit: 'norm',
    meaning: 'Largest Euclidean norm of the weights; new weights above it are refused',
  }),
  ringSteps: integer('FORETICK_TRAIN_RING_STEPS', {
    default: 65_536,
    atLeast: 256,
    atMost: 16_777_216,
    unit: 'ticks',
    meaning: 'Newest forecast events kept per symbol for training',
  }),
  memoryMegabytes: integer('FORETICK_TRAIN_MEMORY', {
    default: 512,
    atLeast: 1,
    atMost: 1_048_576,
    unit: 'MB',
    meaning: 'Memory for kept events of all symbols; cut to it, alike for all, at each boundary',
  }),
};

export const trainSettings = {
  everyTicks: integer('FORETICK_TRAIN_EVERY_TICKS', {
    default: 2500,
    atLeast: 100,
    atMost: 1_000_000_000,
    unit: 'ticks',
    meaning: 'Ticks of all symbols together between two boundaries',
  }),
  pacing: choice('FORETICK_TRAIN_PACING', ['background', 'wait'], {
    default: 'background',
    meaning: 'Whether boundaries are made while ticks flow on, or by the source, which waits',
  }),
  recipe,
};

export type TrainConfig = ConfigOf<typeof trainSettings>;
export type TrainRecipe = TrainConfig['recipe'];

/** A season of a few ticks brings too little that is new for a training of its own. */
const SHORTEST_BLOCK_TICKS = 24;

/**
 * Training on regular series: a boundary per season (of 24 ticks at least), a smaller step, and windows from the whole past as often as from what came
 * lately. What a run pins is what this returns.
 */
function seriesTraining(config: TrainConfig, seasonTicks: number): TrainConfig {
  const recipe = {
    ...config.recipe,
    updates: 6,
    warmUpUpdates: 6,
    // With half as many the network stays behind the ridges (docs/model.md).
    firstUpdates: 800,
    learningRate: 2e-3,
    onlineRateShare: 0.5,
    weightDecay: 1e-3,
    emaDecay: 0.99,
    dropout: 0.2,
    recentShare: 0.5,
    recentReach: 0.04,
  };
  return { ...config, everyTicks: Math.max(SHORTEST_BLOCK_TICKS, seasonTicks), recipe };
}

/** Training as it is for the kind of forecast that the settings ask for. */
export function trainingFor(
  { seasonTicks }: Pick<ForecasterSettings, 'seasonTicks'>,
  config: TrainConfig,
): TrainConfig {
  return seasonTicks === undefined ? config : seriesTraining(config, seasonTicks);
}
