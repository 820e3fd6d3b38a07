/** What became of the updates of a training: how many were made, clipped, or left out. */
export class UpdateCounts {
  /** Updates made. */
  done = 0;
  /** Of those, the ones whose gradient was clipped. */
  clipped = 0;
  /** Left out, since loss or gradient was not finite or nothing in the batch counted. */
  skipped = 0;
  /** Largest finite global norm before clipping. */
  largestNorm = 0;
  private normSum = 0;

  /**
   * @param norm     global norm of the gradient before clipping
   * @param clipNorm the largest that is let through
   * @returns whether the update is to be made
   */
  take(loss: number, norm: number, clipNorm: number): boolean {
    if (!Number.isFinite(loss) || !Number.isFinite(norm)) {
      this.skipped += 1;
      return false;
    }
    this.done += 1;
    this.normSum += norm;
    this.largestNorm = Math.max(this.largestNorm, norm);
    if (norm > clipNorm) this.clipped += 1;
    return true;
  }

  /** Mean global norm before clipping, of the updates made; NaN without any. */
  get meanNorm(): number {
    return this.normSum / this.done;
  }
}
