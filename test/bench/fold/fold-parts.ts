import type { Part } from '../time-by-part.ts';

const CODEC: Part = { name: 'codec', frames: /^shared\/market\// };
const NETWORK: readonly Part[] = [
  { name: 'cell', frames: /^shared\/nn\/quantile-network\.ts#(fold|carry)/ },
  { name: 'head', frames: /^shared\/nn\/quantile-network\.ts#(step|copy)/ },
];
const OUTPUT: readonly Part[] = [
  {
    name: 'encode',
    frames: /^shared\/forecast\/(forecast-record|forecast-packs|score-record)\.ts/,
  },
  {
    name: 'state bytes',
    frames: /^shared\/forecast\/(symbol-arena\.ts#bytesOf|partition-state)|#drainChanged$/,
  },
];
const BOOKKEEPING: Part = { name: 'bookkeeping', frames: /^shared\/forecast\// };

/** The fold from a record's bytes to a record's bytes, in the order of a tick's way. */
export const TICK_PARTS: readonly Part[] = [
  CODEC,
  {
    name: 'features',
    frames:
      /^shared\/(features\/|forecast\/(observation|tick-sequence|horizon-scale|price-step|scale-break)\.ts)/,
  },
  ...NETWORK,
  {
    name: 'score',
    frames:
      /^shared\/forecast\/(scores|baselines)\/|^shared\/forecast\/score-span\.ts|#(#mature|#score|#compareCandidates|scores)$|^shared\/forecast\/symbol-scores\.ts/,
  },
  {
    name: 'calibrate',
    frames: /^shared\/forecast\/(conformal|symbol-forecaster|pending-forecasts)\.ts/,
  },
  ...OUTPUT,
  { name: 'experts', frames: /^shared\/forecast\/experts\// },
  BOOKKEEPING,
];

/** The same for rows of regular series. */
export const SERIES_PARTS: readonly Part[] = [
  CODEC,
  {
    name: 'features',
    frames: /^shared\/forecast\/(series\/(series-observation|lag-inputs)|tick-sequence)\.ts/,
  },
  ...NETWORK,
  { name: 'ridges', frames: /^shared\/forecast\/series\/(online-ridge|ridge-expert)\.ts/ },
  { name: 'other experts', frames: /^shared\/forecast\/series\/series-experts\.ts/ },
  { name: 'intervals', frames: /^shared\/forecast\/series\/error-quantiles\.ts/ },
  {
    name: 'mix',
    frames: /^shared\/forecast\/series\/(point-mix|error-weight|simplex-weights)\.ts/,
  },
  {
    name: 'score',
    frames: /^shared\/forecast\/((scores|baselines)\/|(score-span|symbol-scores)\.ts)/,
  },
  ...OUTPUT,
  BOOKKEEPING,
];
