import type { Part } from '../time-by-part.ts';

/** The fold from a record's bytes to a record's bytes, in the order of a tick's way. */
export const FOLD_PARTS: readonly Part[] = [
  { name: 'codec', frames: /^shared\/market\// },
  {
    name: 'features',
    frames:
      /^shared\/(features\/|forecast\/(observation|tick-sequence|horizon-scale|price-step)\.ts)/,
  },
  { name: 'cell', frames: /^shared\/nn\/quantile-network\.ts#(fold|carry)/ },
  { name: 'head', frames: /^shared\/nn\/quantile-network\.ts#(step|copy)/ },
  {
    name: 'score',
    frames:
      /^shared\/forecast\/(scores|baselines)\/|^shared\/forecast\/score-span\.ts|#(#mature|#score|#compareCandidates|scores)$|^shared\/forecast\/symbol-scores\.ts/,
  },
  {
    name: 'calibrate',
    frames: /^shared\/forecast\/(conformal|symbol-forecaster|pending-forecasts)\.ts/,
  },
  {
    name: 'encode',
    frames: /^shared\/forecast\/(forecast-record|forecast-packs|score-record)\.ts/,
  },
  {
    name: 'state bytes',
    frames: /^shared\/forecast\/(symbol-arena\.ts#bytesOf|partition-state)|#drainChanged$/,
  },
  { name: 'experts', frames: /^shared\/forecast\/experts\// },
  { name: 'bookkeeping', frames: /^shared\/forecast\// },
];
