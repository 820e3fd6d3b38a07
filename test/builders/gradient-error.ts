/** Largest distance of a gradient from central differences in float64, over that of the largest slope. */
export function gradientError(
  parameters: Float64Array,
  gradient: Float64Array,
  lossOf: () => number,
  width = 1e-5,
): number {
  let largest = 0;
  let scale = 0;
  for (let k = 0; k < parameters.length; k++) {
    const kept = parameters[k];
    parameters[k] = kept + width;
    const above = lossOf();
    parameters[k] = kept - width;
    const below = lossOf();
    parameters[k] = kept;
    const measured = (above - below) / (2 * width);
    scale = Math.max(scale, Math.abs(measured));
    largest = Math.max(largest, Math.abs(measured - gradient[k]));
  }
  return largest / scale;
}
