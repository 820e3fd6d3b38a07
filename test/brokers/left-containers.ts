import { spawnSync } from 'node:child_process';

/** Holds the id of the process that runs the tests. */
export const OWNER_LABEL = 'foretick.tests';

/** Removes the containers of runs that are over; tests that were killed remove nothing themselves. */
export function removeLeftContainers(isOver: (owner: number) => boolean): void {
  const format = `{{.ID}} {{.Label "${OWNER_LABEL}"}}`;
  const list = ['ps', '--all', '--filter', `label=${OWNER_LABEL}`, '--format', format];
  const { status, stdout } = spawnSync('docker', list, { encoding: 'utf8' });
  if (status !== 0) return;
  const left = stdout
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([id, owner]) => id !== '' && isOver(Number(owner)));
  if (left.length === 0) return;
  const ids = left.map(([id]) => id);
  spawnSync('docker', ['rm', '--force', '--volumes', ...ids], { stdio: 'ignore' });
}

/** Whether no process has this id. */
export function isGone(id: number): boolean {
  try {
    process.kill(id, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
