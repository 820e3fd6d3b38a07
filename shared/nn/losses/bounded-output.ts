/**
 * An output that is only meaningful within bounds is read as the nearest bound. The true slope outside is 0, from which training
 * would never return; so outside the slope at the bound is kept where a step against it leads back inside.
 *
 * @param slope dL/d(output) at the bound
 */
export function slopeWithin(output: number, low: number, high: number, slope: number): number {
  if (output < low) return Math.min(0, slope);
  return output > high ? Math.max(0, slope) : slope;
}
