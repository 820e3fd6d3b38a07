import type { StepCase, TrainingCase } from './lstm-case.ts';

/**
 * How many times faster than a peer `ours wasm` is to be: what was measured to be in reach with 128-bit vectors, deterministic
 * arithmetic and no flag, on a machine whose peers had AVX2 (Zen 4, no AVX-512). Below 1: known to be slower, by no more than that.
 */
export interface Goal {
  readonly kind: 'step' | 'training';
  readonly hiddenSize: number;
  /** Null: any. */
  readonly batch: number | null;
  /** The fastest of these is meant. */
  readonly peers: readonly string[];
  readonly least: number;
}

const SIZES = [32, 64, 128] as const;
const STEPS: readonly (readonly [batch: number, peers: readonly string[], least: number[]])[] = [
  [1, ['onnxruntime-node'], [40, 12, 5]],
  [1, ['NumPy', 'onnxruntime Python'], [20, 8, 3]],
  [8, ['onnxruntime-node'], [6, 2.3, 1.1]],
  [64, ['onnxruntime-node'], [1.2, 0.8, 0.5]],
  [512, ['onnxruntime-node'], [0.8, 0.8, 0.5]],
];

export const GOALS: readonly Goal[] = [
  ...STEPS.flatMap(([batch, peers, least]) =>
    SIZES.map((hiddenSize, k) => ({
      kind: 'step' as const,
      hiddenSize,
      batch,
      peers,
      least: least[k],
    })),
  ),
  ...SIZES.map((hiddenSize, k) => ({
    kind: 'training' as const,
    hiddenSize,
    batch: null,
    peers: ['PyTorch', 'JAX'],
    least: [1, 0.7, 0.65][k],
  })),
  ...SIZES.flatMap((hiddenSize) => [
    { kind: 'step' as const, hiddenSize, batch: null, peers: ['plain TypeScript'], least: 10 },
    { kind: 'training' as const, hiddenSize, batch: null, peers: ['plain TypeScript'], least: 16 },
  ]),
];

export function goalsOf(of: StepCase | TrainingCase): readonly Goal[] {
  return GOALS.filter(
    (goal) =>
      goal.kind === of.kind &&
      goal.hiddenSize === of.hiddenSize &&
      (goal.batch === null || goal.batch === of.batch),
  );
}
