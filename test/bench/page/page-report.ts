import { EMPTY_PAGE, type FrameGaps, STUTTER_MS } from './page-bench.ts';

/** The table and what it is of. Ratios are of the two empty pages' middle at the same width. */
export function pageLines(all: readonly FrameGaps[]): readonly string[] {
  return [
    'Milliseconds between two frames of animation (when the work on each begins), a few seconds of each case. The gateway runs in a process of its own with its settings as they are by default',
    'and 2,000 ticks and forecasts a second on a log in memory; the browser is headless and draws without a graphics processor. The empty page of the same browser, before and after, says what',
    'the machine itself does. Busy is the share of time for which the main thread had a task, drawing included. Slowed means that the developer tools stop the main thread for 3/4 of the time.',
    '',
    `| screen | case | p50 | p99 | longest | p99 of the empty page's | longest of the empty page's | over ${STUTTER_MS} ms | busy |`,
    '|---|---|---|---|---|---|---|---|---|',
    ...all.map((gaps) => pageLine(gaps, all)),
  ];
}

function pageLine(gaps: FrameGaps, all: readonly FrameGaps[]): string {
  const empty = all.filter(({ screen, name }) => screen === gaps.screen && name === EMPTY_PAGE);
  const middle = (figure: (one: FrameGaps) => number): number =>
    empty.reduce((sum, one) => sum + figure(one), 0) / empty.length;
  const { screen, name, p50Ms, p99Ms, maxMs, stutters, busyShare } = gaps;
  const cells = [
    ...[screen, name],
    ...[p50Ms, p99Ms, maxMs].map((ms) => ms.toFixed(1)),
    (p99Ms / middle((one) => one.p99Ms)).toFixed(2),
    (maxMs / middle((one) => one.maxMs)).toFixed(2),
    `${stutters}`,
    `${(100 * busyShare).toFixed(0)} %`,
  ];
  return `| ${cells.join(' | ')} |`;
}
