import { initialParameters } from '#shared/nn/initial-parameters.ts';
import { adamW } from '#shared/nn/optimisers/adamw.ts';
import { clipGradient } from '#shared/nn/optimisers/clip-gradient.ts';
import { updateWeightEma } from '#shared/nn/optimisers/weight-ema.ts';
import { Random } from '#shared/nn/random.ts';
import { Tbptt } from '#shared/nn/tbptt.ts';
const levels = Array.from({ length: 21 }, (_, k) => (k + 0.5) / 21);
for (const H of [16, 64, 128]) {
  const shape = { cell: 'lstm' as const, layers: 1, inputSize: 24, hiddenSize: H, headSize: 48, outputSize: 63 };
  const p = initialParameters(shape, { levels, seed: 1 });
  const random = new Random('x');
  const batch = new Tbptt({ shape, levels, windows: 16, steps: 64, dropout: 0.2, kernel: 'wasm' });
  batch.mask.fill(1);
  const g = new Float32Array(p.length); const mean = p.slice();
  const m = { first: g.slice(), second: g.slice() };
  const best: Record<string, number> = { train: 1e9, clip: 1e9, adam: 1e9, ema: 1e9, opt: 1e9, update: 1e9 };
  const shares: number[] = [];
  const n = H === 16 ? 200 : 80;
  for (let u = 1; u <= n; u++) {
    for (let k = 0; k < batch.input.length; k++) batch.input[k] = 4 * random.next() - 2;
    for (let k = 0; k < batch.target.length; k++) batch.target[k] = 4 * random.next() - 2;
    const a = performance.now(); batch.train(p, g, random);
    const b = performance.now(); clipGradient(g, 1e-3);
    const c = performance.now(); adamW(p, g, m, u, { learningRate: 3e-3, weightDecay: 1e-2 });
    const d = performance.now(); updateWeightEma(mean, p, 0.99);
    const e = performance.now();
    if (u < 20) continue;
    const t = { train: b - a, clip: c - b, adam: d - c, ema: e - d, opt: e - b, update: e - a };
    for (const [k, v] of Object.entries(t)) best[k] = Math.min(best[k]!, v);
    shares.push((e - b) / (e - a));
  }
  shares.sort((x, y) => x - y);
  console.log(H, p.length, Object.entries(best).map(([k, v]) => `${k} ${(v * 1000).toFixed(0)}us`).join(' '), 'share of least', (best.opt! / (best.train! + best.opt!) * 100).toFixed(2), 'median share', (shares[shares.length >> 1]! * 100).toFixed(2));
}
