import type { Clock } from '#shared/runtime/clock.ts';

export interface Progress {
  readonly done: number;
  /** Null where the end is not known. */
  readonly total: number | null;
}

export interface ProgressLine {
  stop(): void;
}

const EVERY_MS = 500;

/** One line that is written over itself on a terminal: share, rate, time left. Off a terminal it is never started. */
export function startProgressLine(
  what: string,
  read: () => Progress,
  { clock, write }: { readonly clock: Clock; readonly write: (text: string) => void },
): ProgressLine {
  const ending = new AbortController();
  const startMs = clock.nowMs();
  const show = async () => {
    while (!ending.signal.aborted) {
      write(`\r\u001b[2K${progressText(what, read(), clock.nowMs() - startMs)}`);
      await clock.sleep(EVERY_MS, ending.signal);
    }
  };
  void show();
  return {
    stop: () => {
      ending.abort();
      write('\r\u001b[2K');
    },
  };
}

/** `replaying 12,000 of 48,000 rows (25 %), 6,000/s, 0:06 left` */
export function progressText(what: string, { done, total }: Progress, elapsedMs: number): string {
  const perSecond = elapsedMs > 0 ? (done * 1000) / elapsedMs : 0;
  const rate = `${grouped(Math.round(perSecond))}/s`;
  if (total === null || total === 0) return `${what} ${grouped(done)} rows, ${rate}`;
  const share = `${grouped(done)} of ${grouped(total)} rows (${Math.floor((100 * done) / total)} %)`;
  const left = perSecond > 0 ? `, ${clockText((total - done) / perSecond)} left` : '';
  return `${what} ${share}, ${rate}${left}`;
}

export function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

function clockText(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}
