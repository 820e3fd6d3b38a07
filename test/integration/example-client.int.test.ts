import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { aGateway } from '#test/builders/a-gateway.ts';
import { Heard } from '#test/builders/heard.ts';

const EXAMPLE = join(import.meta.dirname, '../../docs/examples/02-client.ts');

test('the example client of the documentation prints forecasts, and ends cleanly on SIGINT', async () => {
  const { market, streamUrl } = await aGateway({ steps: 3 });
  const child = spawn(process.execPath, [EXAMPLE, streamUrl]);
  const heard = new Heard<string>();
  child.stderr.on('data', (data) => heard.push(String(data)));
  child.stdout.on('data', (data) => heard.push(String(data)));
  await heard.until((all) => all.join('').includes('connected'), 'the connection');
  await market.step(3);
  const line = /sim:BETA 40\d\.\d+, 80 % in 1: \d+\.\d+ to \d+\.\d+/;
  await heard.until((all) => line.test(all.join('')), 'a forecast');
  child.kill('SIGINT');
  expect(await once(child, 'exit')).toEqual([0, null]);
});
