import type { NetworkShape } from './network-shape.ts';
import { parameterLayout } from './parameters.ts';

/**
 * A number per parameter of a network: those that end in an output have what `ofTarget` says of its target, all others 1.
 *
 * @param ofTarget one per target; each target has as many outputs as the others, side by side
 */
export function outputRates(shape: NetworkShape, ofTarget: readonly number[]): Float32Array {
  const { inputSize, hiddenSize, headSize, outputSize } = shape;
  const { direct, output, length } = parameterLayout(shape);
  const rates = new Float32Array(length).fill(1);
  for (const { at, columns } of [
    { at: direct.at, columns: hiddenSize + inputSize },
    { at: output.at, columns: headSize },
  ]) {
    const biasAt = at + outputSize * columns;
    for (let o = 0; o < outputSize; o += 1) {
      const rate = ofTarget[Math.floor((o * ofTarget.length) / outputSize)];
      rates.fill(rate, at + o * columns, at + (o + 1) * columns);
      rates[biasAt + o] = rate;
    }
  }
  return rates;
}
