import { TICK_PARTS } from '../fold/fold-parts.ts';
import type { Part } from '../time-by-part.ts';

/** The parts of the fold, and what lies around it. */
export const PIPELINE_PARTS: readonly Part[] = [
  ...TICK_PARTS,
  { name: 'save', frames: /^shared\/state\/|node_modules\/ioredis\/|node_modules\/redis-/ },
  {
    name: 'publish',
    frames:
      /^shared\/log\/kafka\/(partition-writer|.*#(requestProduce|encodeRecordBatch|packedRecords|writeVarint|varintSize)$)|kafkajs\/src\/(producer|protocol\/requests\/produce)\/|kafkajs\/src\/protocol\/recordBatch\/(?!.*decoder)|kafkajs-pass-through\.ts#pack$/,
  },
  {
    name: 'read',
    frames:
      /^shared\/log\/kafka\/|kafkajs\/src\/(consumer|protocol\/requests\/fetch)\/|kafkajs\/src\/protocol\/recordBatch\/|kafkajs-pass-through\.ts#unpack$/,
  },
  // What kafkajs' readers and writers share counts for whoever called it.
  {
    name: 'network',
    frames:
      /kafkajs\/src\/(?!protocol\/(encoder|decoder|recordBatch)|utils\/)|#(processTicksAndRejections|onStreamRead|writeBuffer)$/,
  },
  { name: 'owner', frames: /^services\// },
];
