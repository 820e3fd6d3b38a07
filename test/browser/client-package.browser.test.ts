import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningServe, startServe } from '#services/serve/service.ts';
import { openMemoryLog } from '#shared/log/embedded/memory-log.ts';
import { memoryLogger } from '#shared/runtime/memory-logger.ts';
import { memoryMetrics } from '#shared/runtime/memory-metrics.ts';
import { systemClock } from '#shared/runtime/system-clock.ts';
import { aServeConfig } from '#test/builders/a-serve-config.ts';
import { findChromium, launchChromium } from '#test/builders/chromium.ts';
import { aClientPackage, type ClientPackage } from '#test/builders/client-package.ts';
import { MovingMarket } from '#test/builders/moving-market.ts';

const executablePath = findChromium();
const suite = 'the TypeScript client as a package, in a browser';
const name = executablePath === null ? `${suite} (skipped: no Chromium here)` : suite;

describe.skipIf(executablePath === null)(name, () => {
  const log = openMemoryLog({ partitionCount: 2 });
  const market = new MovingMarket({ log });
  let built: ClientPackage;
  let server: RunningServe;
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
    await market.step(10);
    const ports = { log, clock: systemClock(), logger: memoryLogger(), metrics: memoryMetrics() };
    server = await startServe({ ...ports, readiness: () => true }, aServeConfig());
    site.listen(0, '127.0.0.1');
    await once(site, 'listening');
    browser = await launchChromium(executablePath ?? '');
  });

  afterAll(async () => {
    await browser.close();
    site.close();
    await server.stop();
    await log.close();
    await built.remove();
  });

  test('is imported by a page without a bundler, and hears forecasts', async () => {
    const page = await browser.newPage();
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(error.message));
    await page.goto(`http://127.0.0.1:${(site.address() as AddressInfo).port}/`);
    await page.getByText('connected').waitFor();
    await market.step(3);
    await page.getByText('sim:ALPHA 12').waitFor();
    expect(problems).toEqual([]);
  });

  /** As someone would write it who has put the package's folder on his site. */
  function page(): string {
    return `<!doctype html><p id="state"></p><p id="forecast"></p><script type="module">
import { ForecastClient } from '/client/forecast-client.js';
const show = (id, text) => { document.getElementById(id).textContent = text; };
new ForecastClient({ url: 'ws://127.0.0.1:${server.port}/v1/stream', symbols: ['sim:ALPHA'] }, {
  onState: ({ kind }) => show('state', kind),
  onForecasts: ({ forecasts }) => show('forecast', forecasts.at(-1).symbol + ' ' + forecasts.at(-1).origin),
});
</script>`;
  }
});
