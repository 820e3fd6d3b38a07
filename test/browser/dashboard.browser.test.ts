import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { launchChromium } from '#test/builders/chromium.ts';
import { eventually } from '#test/builders/eventually.ts';
import {
  CHROMIUM,
  countOf,
  inkOf,
  RunningDashboard,
  waitForCount,
} from '#test/builders/running-dashboard.ts';

/** As browsers do it: already looking at it throws. */
const STORAGE_IS_BLOCKED = `for (const name of ['localStorage', 'sessionStorage']) {
  Object.defineProperty(window, name, {
    get() { throw new DOMException('Access is denied for this document.', 'SecurityError'); },
  });
}`;

const suite = CHROMIUM === null ? 'the dashboard (skipped: no Chromium here)' : 'the dashboard';

describe.skipIf(CHROMIUM === null)(suite, () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await launchChromium(CHROMIUM ?? '');
  });

  afterAll(() => browser.close());

  describe('while all is well', () => {
    let dashboard: RunningDashboard;
    let page: Page;

    beforeAll(async () => {
      dashboard = await RunningDashboard.start(browser);
      await dashboard.run();
      page = await dashboard.open();
    });

    afterAll(() => dashboard.stop());

    test('lists the symbols, draws the fan chart, and its numbers move', async () => {
      await page.getByTestId('symbols').getByRole('option').nth(2).waitFor();
      const names = await page.locator('.symbol-row .name').allTextContents();
      expect(names).toEqual(['sim:ALPHA', 'sim:BETA', 'sim:DELTA']);
      await waitForCount(page, 30);
      const price = await page.getByTestId('price').textContent();
      await eventually(async () =>
        expect(await page.getByTestId('price').textContent()).not.toBe(price),
      );
      expect(await inkOf(page, 'chart')).toBeGreaterThan(0.05);
      expect(await page.getByTestId('forecast-table').locator('tbody tr').count()).toBe(3);
      await eventually(async () =>
        expect(await page.locator('.connection-text').textContent()).toBe('Connected · live'),
      );
      expect(dashboard.problems).toEqual([]);
    });

    test('a row tells price, forecast and skill, and draws how skill went', async () => {
      const row = page.getByRole('option', { name: 'sim:BETA' });
      await eventually(async () =>
        expect(await row.locator('.row-price').textContent()).toMatch(/^\d+\.\d\d$/),
      );
      await eventually(async () =>
        expect(await row.locator('.row-move').textContent()).toMatch(/^[+−]?\d+\.\d{3}%$/),
      );
      await eventually(async () =>
        expect(await row.locator('.row-skill').textContent()).toMatch(/^[+−]?\d+\.\d%$/),
      );
      await eventually(async () =>
        expect(await row.locator('.list-spark .line').getAttribute('d')).toMatch(/^M.*L/),
      );
    });

    test('shows how the feed is and was, and marks no symbol as old while all tick', async () => {
      await page.locator('.health-row').nth(5).waitFor();
      const rate = page.locator('#rate-trend .trend-legend b').first();
      await eventually(async () => expect(Number(await rate.textContent())).toBeGreaterThan(1));
      expect(await page.locator('#latency-trend canvas').count()).toBe(1);
      expect(await page.locator('.health-row[data-bad="true"]').count()).toBe(0);
      expect(await page.locator('.symbol-row[data-stale="true"]').count()).toBe(0);
      expect(dashboard.problems).toEqual([]);
    });

    test('shows skill and coverage, now and over time, and the shape of the PIT', async () => {
      await page.locator('.skill-value').nth(2).waitFor();
      expect(await page.locator('.skill-value').allTextContents()).toSatisfy((all: string[]) =>
        all.every((one) => /^[+−]?\d+\.\d%$/.test(one)),
      );
      await page.locator('#coverage-rows tr').nth(2).waitFor();
      expect(await page.locator('#skill-trend canvas').count()).toBe(1);
      const shares = page.locator('#coverage-trend .trend-legend b');
      await eventually(async () => expect(await shares.allTextContents()).toHaveLength(3));
      expect(await shares.nth(2).textContent()).toMatch(/^\d+%$/);
      expect(await page.locator('#pit i').count()).toBe(20);
      expect(await page.locator('#pit-verdict').textContent()).not.toBe('');
      expect(dashboard.problems).toEqual([]);
    });

    test('shows who speaks in the forecast', async () => {
      await page.locator('.weights-row').nth(2).waitFor();
      const words = await page.locator('.weights-bar').first().getAttribute('aria-label');
      expect(words).toBe('network 78%, ewma-gaussian 22%');
      const names = await page.locator('#weights-trend .trend-legend li').allTextContents();
      expect(names).toEqual(['network78%', 'ewma-gaussian22%']);
    });

    test('marks on the chart where another model began to speak, and says which speaks now', async () => {
      const models = page.getByTestId('models').locator('li');
      await models.first().waitFor();
      const texts = await models.allTextContents();
      expect(texts.at(-1)).toMatch(/^#1 switched[0-9a-f]{10}loss/);
      const switches = () => page.getByTestId('chart').getAttribute('data-switches');
      await eventually(async () => expect(Number(await switches())).toBeGreaterThan(0));
      await page.locator('.model-row[data-current="true"]').waitFor();
    });

    test('a symbol is chosen with the keyboard, and the chart follows', async () => {
      await page.getByRole('option', { name: 'sim:ALPHA' }).waitFor();
      await page.getByTestId('symbols').focus();
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('ArrowDown');
      await eventually(async () =>
        expect(await page.getByTestId('chosen').textContent()).toBe('sim:DELTA'),
      );
      await page.keyboard.press('Home');
      await eventually(async () =>
        expect(await page.getByTestId('chosen').textContent()).toBe('sim:ALPHA'),
      );
      const active = await page.evaluate<string>(
        'document.getElementById(document.activeElement.getAttribute("aria-activedescendant")).dataset.symbol',
      );
      expect(active).toBe('sim:ALPHA');
    });

    test('the chart is read with the keyboard: arrows move along it, plus, minus and the wheel zoom', async () => {
      await waitForCount(page, 10);
      await page.getByRole('button', { name: 'Pause' }).click();
      const chart = page.getByTestId('chart');
      const readout = () => page.getByTestId('readout').textContent();
      const newest = await readout();
      await chart.focus();
      for (let k = 0; k < 3; k += 1) await page.keyboard.press('Shift+ArrowLeft');
      await eventually(async () => expect(await readout()).not.toBe(newest));
      expect(await readout()).toMatch(/80% forecast 10 ticks before: .*, (in|out)side$/);
      for (let k = 0; k < 5; k += 1) await page.keyboard.press('Shift+ArrowRight');
      await eventually(async () =>
        expect(await readout()).toMatch(/^in \d+ ticks? {3}point forecast/),
      );
      const span = () => chart.getAttribute('aria-valuemin');
      const before = Number(await span());
      await page.keyboard.press('+');
      await eventually(async () => expect(Number(await span())).toBeGreaterThan(before));
      const narrow = Number(await span());
      await chart.hover();
      await page.keyboard.down('Control');
      await page.mouse.wheel(0, 100);
      await page.keyboard.up('Control');
      await eventually(async () => expect(Number(await span())).toBeLessThan(narrow));
      await page.getByRole('button', { name: 'Pause' }).click();
    });

    test('a pause holds the chart, not the stream', async () => {
      await waitForCount(page, 10);
      await page.getByRole('button', { name: 'Pause' }).click();
      const chart = page.getByTestId('chart');
      await page.locator('#pause[aria-pressed="true"]').waitFor();
      // What came until the button was pressed is drawn with the next frame.
      await waitForCount(page, (await countOf(page)) + 30);
      const held = await chart.getAttribute('data-now');
      await waitForCount(page, (await countOf(page)) + 30);
      expect(await chart.getAttribute('data-now')).toBe(held);
      await page.getByRole('button', { name: 'Pause' }).click();
      await eventually(async () => expect(await chart.getAttribute('data-now')).not.toBe(held));
    });
  });

  describe('when something is amiss', () => {
    let dashboard: RunningDashboard;

    afterEach(() => dashboard.stop());

    test('says that it lost the server, and goes on after a restart without gap or repeat', async () => {
      dashboard = await RunningDashboard.start(browser);
      await dashboard.run();
      const page = await dashboard.open();
      await waitForCount(page, 30);
      const { port } = dashboard;
      await dashboard.stopServing();
      await page.locator('[data-testid=connection][data-state=reconnecting]').waitFor();
      await eventually(async () =>
        expect(await page.locator('.connection-text').textContent()).toMatch(
          /^Reconnecting.* · showing data \d+ s old$/,
        ),
      );
      const before = await countOf(page);
      await dashboard.serve(port);
      await page.locator('[data-testid=connection][data-live=true]').waitFor();
      await waitForCount(page, before + 60);
      const count = page.getByTestId('update-count');
      expect(await count.getAttribute('data-gaps')).toBe('0');
      expect(await count.getAttribute('data-repeats')).toBe('0');
      const marked = () => page.getByTestId('chart').getAttribute('data-interruptions');
      await eventually(async () => expect(await marked()).toBe('1'));
    });

    test('tells a screen reader when its state changes, and not each second', async () => {
      dashboard = await RunningDashboard.start(browser);
      await dashboard.run();
      const page = await dashboard.open();
      const news = () => page.locator('#connection-news').textContent();
      await eventually(async () => expect(await news()).toBe('Connected · live'));
      await dashboard.stopServing();
      await eventually(async () => expect(await news()).toBe('Reconnecting · showing old data'));
      await page.evaluate(`globalThis.said = 0;
        for (const live of document.querySelectorAll('.bar :is(output, [role=status], [aria-live])')) {
          const watcher = new MutationObserver((changes) => { said += changes.length; });
          watcher.observe(live, { subtree: true, childList: true, characterData: true });
        }`);
      const age = /data (\d+ \w+) old$/;
      const shownAge = async () =>
        age.exec((await page.locator('.connection-text').textContent()) ?? '')?.[1];
      const ages = new Set<string | undefined>();
      await eventually(async () => expect(ages.add(await shownAge()).size).toBeGreaterThan(2));
      expect(await page.evaluate('said')).toBe(0);
      expect(await news()).toBe('Reconnecting · showing old data');
    });

    test('works where the browser lets it keep nothing', async () => {
      dashboard = await RunningDashboard.start(browser);
      await dashboard.run();
      const page = await dashboard.open({ timezoneId: 'Europe/Berlin' }, STORAGE_IS_BLOCKED);
      await waitForCount(page, 10);
      const zone = page.locator('#zone');
      const before = await zone.textContent();
      await zone.click();
      await eventually(async () => expect(await zone.textContent()).not.toBe(before));
      expect(dashboard.problems).toEqual([]);
    });

    test('says why a server does not let it in, and offers to try again', async () => {
      dashboard = await RunningDashboard.start(browser, { config: { connections: 1 }, history: 5 });
      await dashboard.run();
      await waitForCount(await dashboard.open(), 1);
      const page = await dashboard.open();
      await eventually(async () =>
        expect(await page.locator('.connection-text').textContent()).toMatch(
          /^Disconnected \(the server closed with 3504: /,
        ),
      );
      const again = page.getByRole('button', { name: 'Try again' });
      await again.waitFor();
      await dashboard.allow(10);
      await again.click();
      await waitForCount(page, 1);
    });

    test('says plainly that a symbol is warming up', async () => {
      const market = { symbols: ['sim:AAA'], warmingOrigins: 10_000 };
      dashboard = await RunningDashboard.start(browser, { market, history: 60 });
      const page = await dashboard.open();
      await eventually(async () =>
        expect(await page.getByTestId('warming').textContent()).toContain(
          'warming up: forecasts are not yet scored',
        ),
      );
      await page.getByTestId('warming').waitFor();
      expect(await page.locator('#skill-empty').textContent()).toMatch(/^Warming up/);
    });

    test('says that it shows old forecasts where none has come since the server started', async () => {
      dashboard = await RunningDashboard.start(browser);
      const page = await dashboard.open();
      await eventually(async () =>
        expect(await page.locator('.connection-text').textContent()).toBe(
          'Connected · showing forecasts from before the server started',
        ),
      );
      await page.locator(':root[data-stale="true"]').waitFor();
      await dashboard.run();
      await eventually(async () =>
        expect(await page.locator('.connection-text').textContent()).toBe('Connected · live'),
      );
      await page.locator(':root[data-stale="false"]').waitFor();
    });

    test('says of a symbol that fell silent since when it has, beside its chart', async () => {
      dashboard = await RunningDashboard.start(browser);
      const page = await dashboard.open({ timezoneId: 'UTC' });
      const silent = page.getByTestId('silent');
      await dashboard.run();
      await waitForCount(page, 10);
      expect(await silent.isVisible()).toBe(false);
      await dashboard.run(() => dashboard.market.stepOnly(['sim:BETA']), 4_000);
      await silent.waitFor();
      expect(await silent.textContent()).toMatch(/^silent since \w+ \d+, \d\d:\d\d UTC$/);
      expect(await page.getByTestId('chosen').textContent()).toBe('sim:ALPHA');
      await page.getByRole('option', { name: 'sim:BETA' }).click();
      await silent.waitFor({ state: 'hidden' });
    });

    test('says what it waits for where there is nothing yet', async () => {
      dashboard = await RunningDashboard.start(browser, { history: 0 });
      const page = await dashboard.open();
      await eventually(async () =>
        expect(await page.locator('.connection-text').textContent()).toBe(
          'Connected · waiting for forecasts',
        ),
      );
      expect(await page.locator('#no-symbols').textContent()).toBe(
        'Waiting for the first forecast.',
      );
      expect(await page.locator('#chart-empty').isVisible()).toBe(true);
      await dashboard.run();
      await waitForCount(page, 5);
      expect(await page.locator('#chart-empty').isVisible()).toBe(false);
      expect(dashboard.problems).toEqual([]);
    });
  });
});
