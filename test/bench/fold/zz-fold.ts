import { createHash } from 'node:crypto';
import { Forecaster } from '#shared/forecast/forecaster.ts';
import { packsOf } from '#shared/forecast/forecast-packs.ts';
import { decodeForecastPack } from '#shared/forecast/forecast-record.ts';
import { decodeTickRecord, encodeTick } from '#shared/market/tick-record.ts';
import { encodeScore } from '#shared/forecast/score-record.ts';
import { recordedTape } from '../recorded-tape.ts';
import { settingsOf, foldOf } from './fold-case.ts';
import { tickCases } from './fold-bench.ts';
import { createObservation } from '#shared/forecast/create-observation.ts';
import { decodeModel, initialModel } from '#shared/forecast/model-artefact.ts';
import { QuantileNetwork } from '#shared/nn/quantile-network.ts';
import { FEATURE_VERSION } from '#shared/features/feature-vector.ts';
const tape = await recordedTape(); if (!tape) throw new Error();
const cpu = () => { const { user, system } = process.threadCpuUsage(); return user + system; };
const [all, trades] = tickCases(tape);
for (const [one, n] of [[trades, 12], [all, 4]] as const) {
  const f = foldOf(one); let best = Infinity, c = f();
  for (let k = 0; k < n; k++) { const t = cpu(); c = f(); best = Math.min(best, cpu() - t); }
  console.log(one.what, (best * 1e3 / c.tickCount).toFixed(0), 'ns/tick', c.tickCount);
}
const settings = settingsOf({});
const genesis = initialModel(settings, createObservation(settings).inputSize, FEATURE_VERSION);
const { shape, weights } = decodeModel(genesis);
const fo = new Forecaster(0, settings, { sha: 'ab'.repeat(32), network: new QuantileNetwork(shape, weights, settings.kernel) });
const h = createHash('sha256'); let packs: Uint8Array[] = [];
for (let k = 0; k < all.records.length; k += 777) { const out = fo.fold(all.records.slice(k, k + 777).map((value, j) => ({ offset: BigInt(k + j), value }))); const p = packsOf(out.entries, settings.levels); packs.push(...p); for (const b of p) h.update(b); for (const s of out.scores) h.update(encodeScore(s)); }
for (const { bytes } of fo.drainChanged()) h.update(bytes);
console.log('digest', h.digest('hex').slice(0, 16));
const nf = packs.reduce((s, p) => s + decodeForecastPack(p).entries.length, 0);
let best = Infinity; for (let k = 0; k < 6; k++) { const t = cpu(); for (const p of packs) decodeForecastPack(p); best = Math.min(best, cpu() - t); }
console.log('decode pack', (best * 1e3 / nf).toFixed(0), 'ns/entry');
const ticks = tape.ticks.map((b) => decodeTickRecord(b)) as any[];
best = Infinity; const eh = createHash('sha256'); for (const t of ticks) eh.update(encodeTick(t));
for (let k = 0; k < 6; k++) { const t = cpu(); for (const x of ticks) encodeTick(x); best = Math.min(best, cpu() - t); }
console.log('encodeTick', (best * 1e3 / ticks.length).toFixed(0), 'ns', eh.digest('hex').slice(0, 12));
best = Infinity; for (let k = 0; k < 6; k++) { const t = cpu(); for (const x of tape.ticks) decodeTickRecord(x); best = Math.min(best, cpu() - t); }
console.log('decodeTick', (best * 1e3 / ticks.length).toFixed(0), 'ns');
