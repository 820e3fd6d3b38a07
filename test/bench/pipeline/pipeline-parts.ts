import { TICK_PARTS } from '../fold/fold-parts.ts';
import type { Part } from '../time-by-part.ts';

/** The parts of the fold, and what lies around it. */
export const PIPELINE_PARTS: readonly Part[] = [
  ...TICK_PARTS,
  { name: 'save', frames: /^shared\/state\/|node_modules\/ioredis\/|node_modules\/redis-/ },
  {
    name: 'publish',
    frames:
      /^shared\/log\/kafka\/(partition-writer|.*#(requestProduce|encodeRecordBatch|packedRecords|writeVarint|varintSize)$)/,
  },
  {
    name: 'read',
    frames: /^shared\/log\/kafka\//,
  },
  { name: 'network', frames: /kafkajs\/|#(processTicksAndRejections|onStreamRead|writeBuffer)$/ },
  { name: 'owner', frames: /^services\// },
];
