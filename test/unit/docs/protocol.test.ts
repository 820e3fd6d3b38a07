import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CLOSE_CODE, mayReconnect } from '#shared/wire/close-code.ts';
import { CHANNELS, ERROR_CODE } from '#shared/wire/request.ts';

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
