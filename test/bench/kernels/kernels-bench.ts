import { type InterleaveOptions, interleave } from '../interleave.ts';
import { disagreement } from './agreement.ts';
import type { CaseResult } from './case-result.ts';
import {
  type Contender,
  type Opened,
  type StepCase,
  stepCase,
  type TrainingCase,
  trainingCase,
} from './lstm-case.ts';
import { truthOf } from './truth.ts';

export const HIDDEN_SIZES = [16, 32, 64, 128] as const;
export const BATCHES = [1, 8, 64, 512] as const;
export const TRAINING_BATCH = 32;

/**
 * Turns are about as long as a scheduler lets a process run, so that on a busy machine many turns pass undisturbed, and long enough
 * that cold caches at their start do not count.
 */
export const FULL: Efforts = {
  step: { rounds: 120, sliceNs: 4e6, warmUpNs: 150e6 },
  training: { rounds: 40, sliceNs: 5e6, warmUpNs: 300e6 },
};
/** To see that all runs; its figures are not worth keeping. */
export const QUICK: Efforts = {
  step: { rounds: 4, sliceNs: 2e6, warmUpNs: 15e6 },
  training: { rounds: 2, sliceNs: 1, warmUpNs: 1 },
};

export type Efforts = Readonly<Record<'step' | 'training', InterleaveOptions>>;

/** All cases in turn; in each, all contenders together. */
export async function* runKernels(
  contenders: readonly Contender[],
  efforts: Efforts,
): AsyncGenerator<CaseResult> {
  for (const hiddenSize of HIDDEN_SIZES) {
    for (const batch of BATCHES) {
      yield await runCase(stepCase(hiddenSize, batch), contenders, efforts.step);
    }
  }
  for (const hiddenSize of HIDDEN_SIZES) {
    yield await runCase(trainingCase(hiddenSize, TRAINING_BATCH), contenders, efforts.training);
  }
}

/** A contender that fails or computes something else than the others is not timed, but named. */
async function runCase(
  of: StepCase | TrainingCase,
  contenders: readonly Contender[],
  effort: InterleaveOptions,
): Promise<CaseResult> {
  const truth = truthOf(of);
  const opened: { name: string; opened: Opened }[] = [];
  const refused: { name: string; why: string }[] = [];
  for (const { name, open } of contenders) {
    try {
      const one = await open(of);
      if (one === null) continue;
      const why = disagreement(truth, await one.outputs());
      if (why === null) opened.push({ name, opened: one });
      else refused.push({ name, why });
    } catch (error) {
      refused.push({ name, why: error instanceof Error ? error.message : String(error) });
    }
  }
  const timings = await interleave(
    opened.map(({ name, opened: { run } }) => ({ name, run })),
    effort,
  );
  for (const one of opened) await one.opened.close();
  return { of, timings, refused };
}
