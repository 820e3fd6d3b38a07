import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type RunningServe, startServe } from '#services/serve/service.ts';
import { openMemoryLog } from '#shared/log/embedded/memory-log.ts';
import type { EventLog } from '#shared/log/event-log.ts';
import { memoryLogger } from '#shared/runtime/memory-logger.ts';
import { memoryMetrics } from '#shared/runtime/memory-metrics.ts';
import { systemClock } from '#shared/runtime/system-clock.ts';
import { type VirtualClock, virtualClock } from '#shared/runtime/virtual-clock.ts';
import { aServeConfig } from '#test/builders/a-serve-config.ts';
import { findChromium, launchChromium } from '#test/builders/chromium.ts';
import { eventually, REACH_MS } from '#test/builders/eventually.ts';
import { MovingMarket } from '#test/builders/moving-market.ts';

const executablePath = findChromium();
const suite =
  executablePath === null ? 'the dashboard (skipped: no Chromium here)' : 'the dashboard';
const STEP_MS = 40;

describe.skipIf(executablePath === null)(suite, () => {
  let browser: Browser;
  let log: EventLog;
  let market: MovingMarket;
  /** The gateway's time goes on with the market, so that the feed's pulse is the same on every machine. */
  let clock: VirtualClock;
  let server: RunningServe;
  let stopMarket: () => Promise<void>;
  const problems: string[] = [];

  beforeAll(async () => {
    browser = await launchChromium(executablePath ?? '');
  });

  afterAll(() => browser.close());

  beforeEach(async () => {
    log = openMemoryLog({ partitionCount: 2 });
    market = new MovingMarket({ log });
    clock = virtualClock(Date.now());
    await market.step(400);
    server = await serve(0);
    stopMarket = running(market, clock);
    problems.length = 0;
  });

  afterEach(async () => {
    await stopMarket();
    await Promise.all(browser.contexts().map((context) => context.close()));
    await server.stop();
    await log.close();
  });

  test('lists the symbols, draws the fan chart, and its numbers move', async () => {
    const page = await open();
    await page.getByTestId('symbols').getByRole('option').nth(2).waitFor();
    const names = await page.locator('.symbol-row .name').allTextContents();
    expect(names).toEqual(['sim:ALPHA', 'sim:BETA', 'sim:DELTA']);
    await waitForCount(page, 30);
    const price = await textOf(page, 'price');
    await eventually(async () => expect(await textOf(page, 'price')).not.toBe(price));
    expect(await inkOf(page)).toBeGreaterThan(0.05);
    expect(await page.getByTestId('forecast-table').locator('tbody tr').count()).toBe(3);
    await eventually(async () =>
      expect(await page.locator('.connection-text').textContent()).toBe('Connected · live'),
    );
    expect(problems).toEqual([]);
  });

  test('shows how the feed is, and marks no symbol as old while all tick', async () => {
    const page = await open();
    await page.locator('.health-row').nth(6).waitFor();
    const ofTicks = () => page.locator('.health-row .number').first().textContent();
    await eventually(async () => expect(Number(await ofTicks())).toBeGreaterThan(1));
    expect(await page.locator('.health-row[data-bad="true"]').count()).toBe(0);
    expect(await page.locator('.symbol-row[data-stale="true"]').count()).toBe(0);
    expect(problems).toEqual([]);
  });

  test('shows skill, coverage and the switches of the model', async () => {
    const page = await open();
    await page.locator('.skill-row').nth(2).waitFor();
    expect(await page.locator('.skill-value').allTextContents()).toSatisfy((all: string[]) =>
      all.every((one) => /^[+−]?\d+\.\d\s%$/.test(one)),
    );
    expect(await page.locator('.coverage-table tbody tr').count()).toBe(3);
    const models = await page.getByTestId('models').locator('li').allTextContents();
    expect(models.at(-1)).toMatch(/^#1 switched[0-9a-f]{10}loss/);
    expect(problems).toEqual([]);
  });

  test('a symbol is chosen with the keyboard, and the chart follows', async () => {
    const page = await open();
    await page.getByRole('option', { name: 'sim:ALPHA' }).focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await eventually(async () => expect(await textOf(page, 'chosen')).toBe('sim:DELTA'));
    await page.keyboard.press('Home');
    await eventually(async () => expect(await textOf(page, 'chosen')).toBe('sim:ALPHA'));
    const focused = () => page.evaluate('document.activeElement.dataset.symbol');
    expect(await focused()).toBe('sim:ALPHA');
  });

  test('says that it lost the server, and goes on after a restart without gap or repeat', async () => {
    const page = await open();
    await waitForCount(page, 30);
    const { port } = server;
    await server.stop();
    await page.locator('[data-testid=connection][data-state=reconnecting]').waitFor();
    await eventually(async () =>
      expect(await page.locator('.connection-text').textContent()).toMatch(
        /^Reconnecting.* · showing data \d+ (s|min) old$/,
      ),
    );
    const before = await countOf(page);
    server = await serve(port);
    await page.locator('[data-testid=connection][data-live=true]').waitFor();
    await waitForCount(page, before + 60);
    const count = page.getByTestId('update-count');
    expect(await count.getAttribute('data-gaps')).toBe('0');
    expect(await count.getAttribute('data-repeats')).toBe('0');
  });

  test('fits a phone: nothing is wider than the screen', async () => {
    const page = await open({ viewport: { width: 360, height: 740 } });
    await waitForCount(page, 10);
    const widths = await page.evaluate('[document.documentElement.scrollWidth, innerWidth]');
    expect(widths).toEqual([360, 360]);
    expect(await inkOf(page)).toBeGreaterThan(0.05);
  });

  test('is dark where the system is', async () => {
    const brightness = async (colorScheme: 'light' | 'dark') => {
      const page = await open({ colorScheme });
      await waitForCount(page, 5);
      const colour = await page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
      const [r, g, b] = (colour.match(/\d+/g) ?? []).map(Number);
      return (r + g + b) / 3;
    };
    expect(await brightness('light')).toBeGreaterThan(220);
    expect(await brightness('dark')).toBeLessThan(40);
  });

  test('says plainly that a symbol is warming up', async () => {
    await stopMarket();
    const warming = new MovingMarket({ log, symbols: ['sim:AAA'], warmingOrigins: 10_000 });
    stopMarket = running(warming, clock);
    const page = await open();
    await page.getByRole('option', { name: 'sim:AAA' }).click();
    await eventually(async () =>
      expect(await textOf(page, 'warming')).toContain('warming up: forecasts are not yet scored'),
    );
    expect(await page.getByTestId('warming').isVisible()).toBe(true);
  });

  async function serve(port: number): Promise<RunningServe> {
    const ports = { log, clock, logger: memoryLogger(), metrics: memoryMetrics() };
    return startServe({ ...ports, readiness: () => true }, aServeConfig({ port }));
  }

  async function open(options: BrowserContextOptions = {}): Promise<Page> {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, ...options });
    page.setDefaultTimeout(REACH_MS);
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text());
    });
    await page.goto(`http://127.0.0.1:${server.port}/`);
    return page;
  }
});

/** Steps the market, and the gateway's time with it, until the returned function is called. */
function running(market: MovingMarket, clock: VirtualClock): () => Promise<void> {
  const stop = new AbortController();
  const pace = systemClock();
  const stepping = (async () => {
    while (!stop.signal.aborted) {
      await market.step();
      await clock.advance(STEP_MS);
      await pace.sleep(STEP_MS, stop.signal);
    }
  })();
  return async () => {
    stop.abort();
    await stepping;
  };
}

function textOf(page: Page, id: string): Promise<string | null> {
  return page.getByTestId(id).textContent();
}

async function countOf(page: Page): Promise<number> {
  const text = (await textOf(page, 'update-count')) ?? '';
  return Number(text.replace(/\D/g, ''));
}

async function waitForCount(page: Page, least: number): Promise<void> {
  await eventually(async () => expect(await countOf(page)).toBeGreaterThanOrEqual(least));
}

/** Share of the chart's pixels that are not empty. Text, as the tests are checked without the types of a browser. */
async function inkOf(page: Page): Promise<number> {
  return page.evaluate<number>(`(() => {
    const canvas = document.querySelector('[data-testid=chart] canvas');
    const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
    let inked = 0;
    for (let at = 3; at < pixels.length; at += 4) if (pixels[at] > 0) inked += 1;
    return inked / (pixels.length / 4);
  })()`);
}
