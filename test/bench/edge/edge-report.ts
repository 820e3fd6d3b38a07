import type { EdgeCase, EdgeResult } from './edge-case.ts';

export function edgeHead(): readonly string[] {
  return [
    '| case | clients | forecasts delivered | of all due | a frame | per server CPU-second | cores of server, clients | MB read | age p50, p99 | KiB per client |',
    '|---|---|---|---|---|---|---|---|---|---|',
  ];
}

export function edgeLine({ name, clients }: EdgeCase, result: EdgeResult): string {
  const { delivered, deliveredShare, perCpuSecond, megabytes, ageMs, kibPerClient } = result;
  const serverCores = result.cpuSeconds / result.wallSeconds;
  const isIdle = kibPerClient !== null;
  const cells = isIdle
    ? ['', '', '', '', '', '', '', kibPerClient.toFixed(1)]
    : [
        whole(delivered),
        `${(100 * deliveredShare).toFixed(0)} %`,
        result.perFrame.toFixed(1),
        whole(perCpuSecond),
        `${serverCores.toFixed(2)}, ${result.clientCores.toFixed(2)}`,
        whole(megabytes),
        `${ageMs.p50.toFixed(0)} ms, ${ageMs.p99.toFixed(0)} ms`,
        '',
      ];
  return `| ${name} | ${whole(clients)} | ${cells.join(' | ')} |`;
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en');
}
