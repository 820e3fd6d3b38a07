import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchChromium } from '#test/builders/chromium.ts';
import { eventually } from '#test/builders/eventually.ts';
import {
  CHROMIUM,
  countOf,
  RunningDashboard,
  waitForCount,
} from '#test/builders/running-dashboard.ts';

const suite =
  CHROMIUM === null ? 'ten thousand symbols (skipped: no Chromium here)' : 'ten thousand symbols';
const COUNT = 10_000;
/** Symbols that tick in a step of the market. */
const TICKING = 20;
/** A screen of rows, and the spare ones on both sides. */
const MOST_ROWS = 40;

describe.skipIf(CHROMIUM === null)(suite, () => {
  let browser: Browser;
  let dashboard: RunningDashboard;
  let page: Page;

  beforeAll(async () => {
    browser = await launchChromium(CHROMIUM ?? '');
    const symbols = Array.from({ length: COUNT }, (_, k) => `sim:S${`${k}`.padStart(5, '0')}`);
    dashboard = await RunningDashboard.start(browser, { market: { symbols }, history: 1 });
    await dashboard.run(() => dashboard.market.stepFirst(TICKING));
    page = await dashboard.open();
    await page.getByText('10,000 symbols').waitFor();
  });

  afterAll(async () => {
    await dashboard.stop();
    await browser.close();
  });

  test('only the rows in view are in the document, each with its place in the whole', async () => {
    const rows = page.locator('.symbol-row');
    await rows.first().waitFor();
    expect(await rows.count()).toBeLessThanOrEqual(MOST_ROWS);
    const first = page.getByRole('option', { name: 'sim:S00000' });
    expect(await first.getAttribute('aria-posinset')).toBe('1');
    expect(await first.getAttribute('aria-setsize')).toBe(`${COUNT}`);
  });

  test('scrolling through the list uses the same rows again, and sorts nothing', async () => {
    await marks();
    const sorts = await sortsOf();
    await page.evaluate(`(async () => {
      const list = document.getElementById('symbols');
      for (let k = 1; k <= 50; k += 1) {
        list.scrollTop = k * (list.scrollHeight / 50);
        await new Promise(requestAnimationFrame);
      }
    })()`);
    await page.getByRole('option', { name: 'sim:S09999' }).waitFor();
    expect(await page.locator('.symbol-row').count()).toBeLessThanOrEqual(MOST_ROWS);
    const made = await page.evaluate<number>(
      'document.querySelectorAll(".symbol-row:not([data-marked])").length',
    );
    expect(made).toBe(0);
    expect(await sortsOf()).toBe(sorts);
  });

  test('what is scrolled to is listened to, with forecast and price', async () => {
    const row = page.getByRole('option', { name: 'sim:S09999' });
    await eventually(async () =>
      expect(await row.locator('.row-price').textContent()).toMatch(/\d\.\d\d$/),
    );
    await eventually(async () =>
      expect(await row.locator('.row-move').textContent()).toMatch(/%$/),
    );
    expect(dashboard.problems).toEqual([]);
  });

  test('a price that moves is seen in its row', async () => {
    await page.evaluate("document.getElementById('symbols').scrollTop = 0");
    const price = page.getByRole('option', { name: 'sim:S00000' }).locator('.row-price');
    const before = await price.textContent();
    await eventually(async () => expect(await price.textContent()).not.toBe(before));
  });

  test('the filter finds as one types, with one pass for each key', async () => {
    const sorts = await sortsOf();
    await page.getByRole('searchbox', { name: 'Filter symbols' }).pressSequentially('s012');
    await eventually(async () => expect(await found()).toBe('100 of 10,000'));
    expect(await sortsOf()).toBe(sorts + 4);
    expect(await page.locator('.symbol-row').first().getAttribute('aria-setsize')).toBe('100');
    await page.keyboard.press('Enter');
    await eventually(async () =>
      expect(await page.getByTestId('chosen').textContent()).toBe('sim:S01200'),
    );
    expect(await focusedId()).toBe('symbols');
    await page.keyboard.press('/');
    expect(await focusedId()).toBe('filter');
    await page.keyboard.type('nothing');
    await page.getByText('No symbol matches the filter.').waitFor();
    await page.keyboard.press('Escape');
    await eventually(async () => expect(await found()).toBe('10,000 symbols'));
  });

  test('keys reach every row, and the chart follows to the end of the list', async () => {
    await page.getByTestId('symbols').focus();
    await page.keyboard.press('End');
    await eventually(async () =>
      expect(await page.getByTestId('chosen').textContent()).toBe('sim:S09999'),
    );
    const last = page.getByRole('option', { name: 'sim:S09999' });
    expect(await last.getAttribute('aria-selected')).toBe('true');
    const active = await page.getByTestId('symbols').getAttribute('aria-activedescendant');
    expect(active).toBe(await last.getAttribute('id'));
    await page.getByTestId('chart').locator('canvas').waitFor();
    await page.keyboard.press('PageUp');
    await eventually(async () =>
      expect(await page.getByTestId('chosen').textContent()).not.toBe('sim:S09999'),
    );
    await page.keyboard.press('Home');
    await eventually(async () =>
      expect(await page.getByTestId('chosen').textContent()).toBe('sim:S00000'),
    );
  });

  test('sorted by change the largest rise is on top, in one pass', async () => {
    const sorts = await sortsOf();
    // Under the pointer nothing moves away: the order holds while it is looked at.
    await page.getByTestId('symbols').hover();
    await page.getByRole('combobox', { name: 'Sort by' }).selectOption('change');
    const top = page.locator('.symbol-row[aria-posinset="1"] .row-move');
    await eventually(async () => expect(await top.textContent()).toMatch(/^\+/));
    expect(await sortsOf()).toBe(sorts + 1);
    expect(await page.locator('#move-head').textContent()).toBe('change');
    await page.getByRole('combobox', { name: 'Sort by' }).selectOption('name');
    await page.getByRole('option', { name: 'sim:S00000' }).waitFor();
  });

  test('sorted by forecast all of them are in order, also those that the page never heard of', async () => {
    await dashboard.run(async () => {});
    const unheard = Array.from({ length: 30 }, (_, k) => `sim:S${`${5_000 + k}`.padStart(5, '0')}`);
    for (let k = 0; k < 40; k += 1) await dashboard.market.stepOnly(unheard);
    const address = '/v1/ranking?by=forecast&horizonTicks=10&limit=40';
    const best = (): Promise<string[]> =>
      page.evaluate(
        `fetch('${address}').then((answer) => answer.json()).then(({ ranked }) => ranked.map((one) => one.symbol))`,
      );
    await page.getByRole('combobox', { name: 'Sort by' }).selectOption('forecast');
    await page.evaluate("document.getElementById('symbols').scrollTop = 0");
    const rows = page.locator('.symbol-row');
    await eventually(async () => {
      const names = await rows.evaluateAll((all) =>
        all
          .map((row) => row as unknown as { dataset: Record<string, string> })
          .sort((a, b) => Number(a.dataset['index']) - Number(b.dataset['index']))
          .map(({ dataset }) => dataset['symbol']),
      );
      expect(names).toEqual((await best()).slice(0, names.length));
      expect(names.filter((name) => unheard.includes(name))).not.toEqual([]);
    });
    await page.getByRole('combobox', { name: 'Sort by' }).selectOption('name');
    await page.getByRole('option', { name: 'sim:S00000' }).waitFor();
    expect(dashboard.problems).toEqual([]);
  });

  test('a forecast of ten thousand is never asked for: the page hears of those it shows', async () => {
    await dashboard.run(() => dashboard.market.step(1));
    const before = await countOf(page);
    await waitForCount(page, before + 20);
    expect(await countOf(page)).toBeLessThan(COUNT);
    expect(dashboard.problems).toEqual([]);
  });

  function found(): Promise<string | null> {
    return page.getByTestId('found').textContent();
  }

  async function sortsOf(): Promise<number> {
    return Number(await page.getByTestId('symbols').getAttribute('data-sorts'));
  }

  function focusedId(): Promise<string> {
    return page.evaluate<string>('document.activeElement.id');
  }

  /** Rows that are in the document now are known by a mark later. */
  async function marks(): Promise<void> {
    await page.evaluate(
      'document.querySelectorAll(".symbol-row").forEach((row) => (row.dataset.marked = ""))',
    );
  }
});
