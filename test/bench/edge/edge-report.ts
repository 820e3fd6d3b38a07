import type { EdgeCase, EdgeResult } from './edge-case.ts';

export function edgeHead(): readonly string[] {
  return [
    '| case | clients | forecasts delivered | per server CPU-second | MB read | age p50, p99 | KiB per client |',
    '|---|---|---|---|---|---|---|',
  ];
}

export function edgeLine({ name, clients }: EdgeCase, result: EdgeResult): string {
  const { delivered, perCpuSecond, megabytes, ageMs, kibPerClient } = result;
  const isIdle = kibPerClient !== null;
  const cells = isIdle
    ? ['', '', '', '', kibPerClient.toFixed(1)]
    : [
        whole(delivered),
        whole(perCpuSecond),
        whole(megabytes),
        `${ageMs.p50.toFixed(0)} ms, ${ageMs.p99.toFixed(0)} ms`,
        '',
      ];
  return `| ${name} | ${whole(clients)} | ${cells.join(' | ')} |`;
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en');
}
