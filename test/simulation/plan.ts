import { Random } from '#shared/nn/random.ts';

/** How a seed ends, once everything it must do was seen done. */
export type Epilogue = 'none' | 'new run' | 'floor' | 'truncated' | 'tail lost' | 'gap';

const EPILOGUES: readonly Epilogue[] = [
  'none',
  'none',
  'new run',
  'floor',
  'truncated',
  'tail lost',
  'gap',
];

/** What kind of run a seed is: its sizes, and how often what goes wrong. */
export interface Plan {
  readonly partitionCount: number;
  readonly tickCount: number;
  readonly switchCount: number;
  readonly predictCount: number;
  readonly gatewayCount: number;
  readonly clientCount: number;
  readonly ringEntries: number;
  /** Ticks and faults come within this time. */
  readonly durationMs: number;
  /** Mean time between faults; infinite: none. */
  readonly faultEveryMs: number;
  readonly lossRate: number;
  readonly redeliveryRate: number;
  readonly repeatRate: number;
  readonly batchRecords: number;
  readonly sessionMs: number;
  readonly leavesZombies: boolean;
  /** A published record vanishes from the log before anyone has read it. */
  readonly losesForecasts: boolean;
  readonly modelsLateMs: number;
  readonly sliceRecords: number;
  readonly checkpointRecords: number;
  readonly checkpointMs: number;
  readonly snapshotMs: number;
  readonly epilogue: Epilogue;
}

export function planOf(seed: number): Plan {
  const random = new Random(`plan ${seed}`);
  const from = (low: number, high: number): number => low + random.integer(high - low + 1);
  const one = <T>(choices: readonly T[]): T => choices[random.integer(choices.length)];
  return {
    partitionCount: one([1, 2, 2, 3]),
    tickCount: from(20, 44),
    switchCount: from(0, 3),
    predictCount: one([1, 2, 2, 3]),
    gatewayCount: one([1, 2]),
    clientCount: from(1, 3),
    ringEntries: one([8, 32, 10_000]),
    durationMs: from(600, 1_600),
    faultEveryMs: one([Number.POSITIVE_INFINITY, 250, 120, 120, 60, 60]),
    lossRate: one([0, 0.02, 0.05, 0.1]),
    redeliveryRate: one([0, 0.1, 0.3]),
    repeatRate: one([0, 0.05, 0.2]),
    batchRecords: one([1, 4, 12, 40]),
    sessionMs: from(80, 200),
    leavesZombies: random.next() < 0.4,
    losesForecasts: random.next() < 0.1,
    modelsLateMs: one([0, 0, 600, 2_000]),
    sliceRecords: from(1, 8),
    checkpointRecords: one([1, 6, 20, 1_000]),
    checkpointMs: one([1, 30, 100, 300]),
    snapshotMs: one([60, 200, 500]),
    epilogue: one(EPILOGUES),
  };
}
