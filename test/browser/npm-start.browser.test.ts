import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '#shared/runtime/system-clock.ts';
import { CHROMIUM_FLAGS, findChromium } from '#test/builders/chromium.ts';
import { RunningSolo } from '#test/builders/running-solo.ts';

const executablePath = findChromium();
const suite = executablePath === null ? 'npm start (skipped: no Chromium here)' : 'npm start';
const PROMISED_MS = 5_000;

describe.skipIf(executablePath === null)(suite, () => {
  let browser: Browser;
  let dataDir: string;
  let solo: RunningSolo | null = null;

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: executablePath ?? '', args: CHROMIUM_FLAGS });
  });

  afterAll(() => browser.close());

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'foretick-browser-'));
  });

  afterEach(async () => {
    await solo?.stop();
    solo = null;
    await rm(dataDir, { recursive: true, force: true });
  });

  test('shows forecasts that move within 5 s of its start, with nothing else running', async () => {
    const page = await browser.newPage();
    const clock = systemClock();
    const startedMs = clock.nowMs();
    solo = await RunningSolo.start({ dataDir, port: 0, npm: true });
    await page.goto(solo.url);
    await movesTwice(page);
    expect(clock.nowMs() - startedMs).toBeLessThan(PROMISED_MS);
    expect((await fetch(`${solo.url}/readyz`)).status).toBe(200);
    expect((await fetch(`${solo.url}/healthz`)).status).toBe(200);
  });

  test('shows skill, coverage and a switched model of its own training', async () => {
    const page = await browser.newPage();
    solo = await RunningSolo.start({ dataDir, port: 0, npm: true });
    await page.goto(solo.url);
    await page.locator('.skill-row').nth(2).waitFor();
    await page.locator('[data-testid=models] li', { hasText: 'switched' }).first().waitFor();
    expect(await page.locator('.coverage-table tbody tr').count()).toBe(3);
    const metrics = await (await fetch(`${solo.url}/metrics`)).text();
    expect(metrics).toMatch(/foretick_train_boundaries_total\{outcome="switched"\} [1-9]/);
  });
});

/** Resolves when the count of forecasts on the page has changed twice. */
async function movesTwice(page: Page): Promise<void> {
  const counts = new Set<string | null>();
  const look = async (): Promise<number> => {
    counts.add(await page.getByTestId('update-count').textContent());
    return counts.size;
  };
  await expect.poll(look, { timeout: 20_000, interval: 50 }).toBeGreaterThan(2);
}
