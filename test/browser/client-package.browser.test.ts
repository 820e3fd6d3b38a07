import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Gateway, startGateway } from '#test/builders/a-gateway.ts';
import { findChromium, launchChromium } from '#test/builders/chromium.ts';
import { aClientPackage, type ClientPackage } from '#test/builders/client-package.ts';

const executablePath = findChromium();
const suite = 'the TypeScript client as a package, in a browser';
const name = executablePath === null ? `${suite} (skipped: no Chromium here)` : suite;

describe.skipIf(executablePath === null)(name, () => {
  let built: ClientPackage;
  let gateway: Gateway;
  let browser: Browser;
  const site = createServer((request, response) => {
    const path = request.url ?? '/';
    const isPage = path === '/';
    response.setHeader('content-type', isPage ? 'text/html' : 'text/javascript');
    const found = isPage ? Promise.resolve(page()) : readFile(join(built.folder, path), 'utf8');
    found.then(
      (text) => response.end(text),
      () => response.writeHead(404).end(),
    );
  });

  beforeAll(async () => {
    built = await aClientPackage();
    gateway = await startGateway({ steps: 10 });
    site.listen(0, '127.0.0.1');
    await once(site, 'listening');
    browser = await launchChromium(executablePath ?? '');
  });

  afterAll(async () => {
    await browser.close();
    site.close();
    await gateway.stop();
    await built.remove();
  });

  test('is imported by a page without a bundler, and hears forecasts', async () => {
    const page = await browser.newPage();
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(error.message));
    await page.goto(`http://127.0.0.1:${(site.address() as AddressInfo).port}/`);
    await page.getByText('connected').waitFor();
    await gateway.market.step(3);
    await page.getByText('sim:ALPHA 12').waitFor();
    expect(problems).toEqual([]);
  });

  /** As someone would write it who has put the package's folder on his site. */
  function page(): string {
    return `<!doctype html><p id="state"></p><p id="forecast"></p><script type="module">
import { ForecastClient } from '/client/forecast-client.js';
const show = (id, text) => { document.getElementById(id).textContent = text; };
new ForecastClient({ url: '${gateway.streamUrl}', symbols: ['sim:ALPHA'] }, {
  onState: ({ kind }) => show('state', kind),
  onForecasts: ({ forecasts }) => show('forecast', forecasts.at(-1).symbol + ' ' + forecasts.at(-1).origin),
});
</script>`;
  }
});
