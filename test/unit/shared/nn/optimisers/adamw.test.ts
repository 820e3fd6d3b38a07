import { expect, test } from 'vitest';
import { adamW } from '#shared/nn/optimisers/adamw.ts';

test('three steps agree with the textbook formulas: test/golden/lstm.py', () => {
  const parameters = Float64Array.of(0.5, -2, 0.01);
  const moments = { first: new Float64Array(3), second: new Float64Array(3) };
  const gradients = [
    [0.1, -0.2, 0],
    [-0.3, 0.05, 1e-4],
    [0.02, 0.4, -1],
  ];
  const golden = [
    [0.4969850003, -1.99694000015, 0.0099997],
    [0.49845266018359297, -1.9954716875330087, 0.0077673051252584255],
    [0.4994604183672658, -1.9966172971256044, 0.00968334038188247],
  ];
  gradients.forEach((gradient, k) => {
    const options = { learningRate: 3e-3, weightDecay: 1e-2 };
    adamW(parameters, Float64Array.from(gradient), moments, k + 1, options);
    for (const [j, value] of (golden[k] as number[]).entries()) {
      expect(parameters[j]).toBeCloseTo(value, 14);
    }
  });
});
