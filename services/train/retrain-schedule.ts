/** Where the last boundary stood; zeros before the first. */
export interface LastBoundary {
  readonly id: number;
  /** Ticks of all partitions inside its ranges. */
  readonly tickCount: number;
}

/**
 * The boundary that comes next by count: number n stands at n times `everyTicks`. A trainer that was away finds many ticks at once
 * and makes one boundary of them, so ids may jump; to make them all would train on the same ticks again and again.
 */
export function nextBoundaryId(last: LastBoundary, everyTicks: number): number {
  return Math.max(last.id, Math.floor(last.tickCount / everyTicks)) + 1;
}

export function isDue(last: LastBoundary, everyTicks: number, tickCount: number): boolean {
  return tickCount >= nextBoundaryId(last, everyTicks) * everyTicks;
}
