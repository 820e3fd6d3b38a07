import type { CellKind } from '#shared/nn/cells/cell-kinds.ts';
import type { DiagnoseRequest } from './config.ts';
import { type Fact, factsOf } from './facts.ts';
import { type Measured, measured } from './measured.ts';
import { recallNetwork } from './recall-network.ts';
import { trainRecall } from './recall-training.ts';
import { type Role, type Subject, subjectsOf } from './subject.ts';

/** One subject before and after its training. */
export interface Examined {
  readonly name: string;
  readonly cell: CellKind;
  readonly role: Role;
  /** Largest global norm of an applied gradient; null: not clipped. */
  readonly clipNorm: number | null;
  readonly before: Measured;
  readonly after: Measured;
  readonly training: {
    readonly updates: number;
    readonly clippedUpdates: number;
    readonly skippedUpdates: number;
    /** Before clipping. */
    readonly largestGradientNorm: number;
  };
}

/** What `--json` prints. */
export interface Diagnosis {
  readonly lag: number;
  readonly hiddenSize: number;
  readonly layers: number;
  readonly updates: number;
  readonly seed: number;
  readonly cells: readonly Examined[];
  readonly facts: readonly Fact[];
}

export function diagnosisOf(request: DiagnoseRequest, tell: (line: string) => void): Diagnosis {
  const { lag, hiddenSize, layers, updates, seed } = request;
  const cells = subjectsOf(request.cells).map((subject) => {
    tell(`training ${subject.name} over ${lag} steps, ${updates} updates`);
    return examined(subject, request);
  });
  return { lag, hiddenSize, layers, updates, seed, cells, facts: factsOf(cells, lag) };
}

function examined(subject: Subject, request: DiagnoseRequest): Examined {
  const { lag, updates, seed } = request;
  const { name, kind, role, clipNorm } = subject;
  const network = recallNetwork(subject, request);
  const before = measured(network, lag, seed);
  const counts = trainRecall(network, { lag, updates, clipNorm, seed });
  return {
    name,
    cell: kind,
    role,
    clipNorm: Number.isFinite(clipNorm) ? clipNorm : null,
    before,
    after: measured(network, lag, seed),
    training: {
      updates: counts.done,
      clippedUpdates: counts.clipped,
      skippedUpdates: counts.skipped,
      largestGradientNorm: counts.largestNorm,
    },
  };
}

/** The factor by which clipping scales a gradient of this norm. */
export function clipFactor({ clipNorm }: Examined, { gradientNorm }: Measured): number {
  return clipNorm === null ? 1 : Math.min(1, clipNorm / gradientNorm);
}
