import { join } from 'node:path';
import { memoryMetrics } from '#shared/runtime/memory-metrics.ts';
import { checkLookAhead, type LookAheadFinding } from './look-ahead.ts';
import { grouped } from './progress-line.ts';
import type { ReplayPorts, TapePlan } from './replay-plan.ts';
import { openTapeFolder } from './tape-folder.ts';
import { identityOf, removeWork } from './work-folder.ts';

/** Replays into throw-away folders and says what was compared. @throws LookAheadError `REPLAY_LOOK_AHEAD` */
export async function runLookAheadCheck(
  { config, partitionCount, identity, run, openSource }: TapePlan,
  cuts: readonly number[],
  { clock, logger, tell, signal }: ReplayPorts,
): Promise<readonly LookAheadFinding[]> {
  const folder = join(config.dataDir, 'replay', `check-${identityOf(identity)}-${process.pid}`);
  const ports = { clock, logger, metrics: memoryMetrics() };
  try {
    const findings = await checkLookAhead({
      openSource,
      openStores: (name) => openTapeFolder(join(folder, name), partitionCount, { check: name }),
      run: { ...run, ports, ...(signal === undefined ? {} : { signal }) },
      cuts,
      onProgress: tell,
    });
    for (const finding of findings) tell(findingText(finding));
    return findings;
  } finally {
    await removeWork(folder);
  }
}

function findingText(finding: LookAheadFinding): string {
  const { cutPercent, cutNs, equalCount, switchesBefore, laterCount, laterDifferent } = finding;
  return [
    `cut at ${cutPercent} % (event time ${cutNs}):`,
    `${grouped(equalCount)} forecasts before it are the same bit for bit`,
    `(with ${grouped(switchesBefore)} switches of weights among them),`,
    `${grouped(laterDifferent)} of ${grouped(laterCount)} after it differ, as they should`,
  ].join(' ');
}
