/** A training began (`boundary`), gave a better model (`switched`) or did not (`refused`). */
export interface WireModelEvent {
  readonly event: 'boundary' | 'switched' | 'refused';
  readonly id: number;
  readonly eventTimeNs: string | null;
  readonly sha: string | null;
  readonly parentSha: string | null;
  readonly reason: string | null;
  readonly lossBefore: number | null;
  readonly lossAfter: number | null;
  readonly updates: number | null;
  readonly clippedUpdates: number | null;
  /** Left out, since loss or gradient was not finite. */
  readonly skippedUpdates: number | null;
  /** Mean global norm of the gradients before clipping. */
  readonly gradientNorm: number | null;
  /** Norm of the loss gradient at the state `lagTicks` back over that at the newest; by rising lag. */
  readonly gradientReach: readonly WireLagReach[];
  /** Time constants of the units' forgetting; null for cells without a forget gate. */
  readonly forgetTicks: { readonly median: number | null; readonly largest: number | null } | null;
}

export interface WireLagReach {
  readonly lagTicks: number;
  readonly ratio: number | null;
}
