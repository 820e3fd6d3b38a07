import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CLOSE_CODE, mayReconnect } from '#shared/wire/close-code.ts';
import type { WireDelta } from '#shared/wire/message.ts';
import { rebuiltForecast } from '#shared/wire/rebuilt-forecast.ts';
import { CHANNELS, ERROR_CODE } from '#shared/wire/request.ts';
import { aServeConfig } from '#test/builders/a-serve-config.ts';
import { aWireForecast } from '#test/builders/a-wire-forecast.ts';

const DOCS = join(import.meta.dirname, '../../../docs');
const page = readFileSync(join(DOCS, 'protocol.md'), 'utf8');

test('the client in the document is the example that runs', () => {
  const example = readFileSync(join(DOCS, 'examples/02-client.ts'), 'utf8');
  expect(/```ts\n([\s\S]*?)```/.exec(page)?.[1]).toBe(example);
});

test.each(Object.entries(CLOSE_CODE))(
  'close code %s stands in the table, with what to do',
  (_name, code) => {
    const row = page.split('\n').find((line) => line.startsWith(`| ${code} |`));
    expect(row).toMatch(mayReconnect(code) ? /\| yes \|$/ : /\| no \|$/);
  },
);

test('every error code and channel is described', () => {
  for (const code of Object.values(ERROR_CODE)) expect(page).toContain(`\n| ${code} | `);
  for (const channel of CHANNELS) expect(page).toContain(`\`${channel}\``);
});

test('what is said of queues and frames are the defaults of the settings', () => {
  const { flushMs, ringEntries, bufferedBytes, slowMs, heartbeatMs } = aServeConfig();
  const text = page.replaceAll('\n', ' ').replace(/ +/g, ' ');
  expect(text).toContain(`"heartbeatMs":${heartbeatMs},"flushMs":${flushMs},`);
  expect(text).toContain(`gathered over \`flushMs\` (${flushMs})`);
  expect(text).toContain(`per partition, ${ringEntries.toLocaleString('en-GB')} by default`);
  expect(text).toContain(`over ${bufferedBytes / 2 ** 20} MiB unread for ${slowMs / 1_000} s`);
});

test('the delta in the document makes of its base what the document says', () => {
  const delta = JSON.parse(
    `${/```json\n(\{"symbol".*?"from"[\s\S]*?)```/.exec(page)?.[1]}`,
  ) as WireDelta;
  const [before, after] = [...page.matchAll(/`("point":[^`]*)`/g)].map(([, text]) =>
    JSON.parse(`{"horizonTicks":1,${text},"weights":[1]}`),
  );
  const base = aWireForecast(delta.from, { horizons: [before] });
  const { from: _from, decimals: _decimals, changes: _changes, ...told } = delta;
  expect(rebuiltForecast(base, delta)).toEqual({ ...base, ...told, horizons: [after] });
});
