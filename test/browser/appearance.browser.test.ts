import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { launchChromium } from '#test/builders/chromium.ts';
import { eventually } from '#test/builders/eventually.ts';
import {
  CHROMIUM,
  inkOf,
  RunningDashboard,
  waitForCount,
} from '#test/builders/running-dashboard.ts';

const suite =
  CHROMIUM === null ? 'how the page looks (skipped: no Chromium here)' : 'how the page looks';
const SERIES = {
  symbols: ['house:LOAD', 'house:HEAT'],
  measure: 'value',
  horizons: Array.from({ length: 48 }, (_, k) => k + 1),
  experts: ['last value', 'season', 'ridge', 'ridge of all', 'ridge of season', 'fast', 'slow'],
} as const;

/** Texts whose contrast with what is behind them is below that of WCAG 2.2 AA, as `text: ratio`. */
const FAINT_TEXTS = `(() => {
  const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const behind = (element) => {
    for (let at = element; at !== null; at = at.parentElement) {
      const colour = numbers(getComputedStyle(at).backgroundColor);
      if (colour.length < 4 || colour[3] > 0.99) return colour;
    }
    return [255, 255, 255];
  };
  const found = [];
  for (const element of document.querySelectorAll('body *')) {
    const hasText = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== '');
    if (!hasText || element.closest('noscript') || element.getClientRects().length === 0) continue;
    const [a, b] = [light(numbers(getComputedStyle(element).color)), light(behind(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) found.push(element.textContent.trim().slice(0, 30) + ': ' + ratio.toFixed(2));
  }
  return found;
})()`;

/** Whatever can be used or looked at, and has no name for who cannot see it. */
const NAMELESS = `(() => {
  const wanted = 'button, input, select, [role=img], [role=listbox], [role=slider], section, nav, dialog, table';
  return [...document.querySelectorAll(wanted)]
    .filter((element) => element.getClientRects().length > 0)
    .filter((element) => {
      const by = (element.getAttribute('aria-labelledby') ?? '').split(' ').map((id) => document.getElementById(id)?.textContent ?? '');
      const label = element.getAttribute('aria-label') ?? [...(element.labels ?? [])].map((one) => one.textContent).join('');
      const heads = element.tagName === 'TABLE' ? element.caption?.textContent ?? element.closest('section')?.querySelector('h2').textContent : '';
      const own = element.tagName === 'BUTTON' ? element.textContent : '';
      return [...by, label, heads, own].join('').trim() === '';
    })
    .map((element) => element.outerHTML.slice(0, 80));
})()`;

/** Things inside the page that are wider than the window, as selectors. */
const TOO_WIDE = `[...document.querySelectorAll('body *')]
  .filter((element) => !element.closest('.forecast-scroll, .horizons'))
  .filter((element) => element.getBoundingClientRect().right > innerWidth + 0.5)
  .map((element) => element.tagName + '.' + element.className)`;

/** Things that reach out of their panel, as selectors. */
const REACHING_OUT = `[...document.querySelectorAll('.panel')].flatMap((panel) =>
  [...panel.querySelectorAll('*')]
    .filter((element) => !element.closest('.forecast-scroll, .horizons') && element.getClientRects().length > 0)
    .filter((element) => element.getBoundingClientRect().right > panel.getBoundingClientRect().right + 0.5)
    .map((element) => panel.getAttribute('aria-labelledby') + ' ' + element.tagName + '.' + element.className))`;

describe.skipIf(CHROMIUM === null)(suite, () => {
  let browser: Browser;
  let dashboard: RunningDashboard;

  beforeAll(async () => {
    browser = await launchChromium(CHROMIUM ?? '');
  });

  afterAll(() => browser.close());

  describe('of prices', () => {
    beforeAll(async () => {
      dashboard = await RunningDashboard.start(browser);
      await dashboard.run();
    });

    afterEach(async () => {
      await Promise.all(browser.contexts().map((context) => context.close()));
    });

    afterAll(() => dashboard.stop());

    test.each(['light', 'dark'] as const)(
      '%s: every text can be read, and everything has a name',
      async (colorScheme) => {
        const page = await complete({ colorScheme });
        expect(await brightnessOf(page)).toSatisfy((mean: number) =>
          colorScheme === 'light' ? mean > 220 : mean < 40,
        );
        expect(await page.evaluate(FAINT_TEXTS)).toEqual([]);
        expect(await page.evaluate(NAMELESS)).toEqual([]);
      },
    );

    test('fits a phone: nothing is wider than the screen, and every panel is there', async () => {
      const page = await complete({ viewport: { width: 360, height: 740 } });
      const widths = await page.evaluate('[document.documentElement.scrollWidth, innerWidth]');
      expect(widths).toEqual([360, 360]);
      expect(await page.evaluate(TOO_WIDE)).toEqual([]);
      expect(await inkOf(page, 'chart')).toBeGreaterThan(0.05);
      expect(await page.locator('.panel').count()).toBe(8);
    });

    test.each([900, 1100, 1340, 1920])(
      'is %i pixels wide without anything that reaches out of its panel',
      async (width) => {
        const page = await complete({ viewport: { width, height: 900 } });
        expect(await page.evaluate(TOO_WIDE)).toEqual([]);
        expect(await page.evaluate(REACHING_OUT)).toEqual([]);
      },
    );

    test('numbers and times are written as the reader writes them, in the zone of choice', async () => {
      const page = await complete({ locale: 'de-DE', timezoneId: 'Asia/Kolkata' });
      expect(await page.getByTestId('price').textContent()).toMatch(/^\d+,\d\d$/);
      const zone = page.locator('#zone');
      await eventually(async () => expect(await zone.textContent()).toMatch(/5:30/));
      const readout = () => page.getByTestId('readout').textContent();
      await eventually(async () => expect(await readout()).toMatch(/5:30/));
      await zone.click();
      await eventually(async () => expect(await readout()).toMatch(/UTC/));
      await page.reload();
      await eventually(async () => expect(await zone.textContent()).toBe('UTC'));
    });

    test('on paper the page is white, also where the screen is dark, and without its tools', async () => {
      const page = await complete({ colorScheme: 'dark' });
      const label = () =>
        page.evaluate<string>(
          "getComputedStyle(document.documentElement).getPropertyValue('--ink')",
        );
      const dark = await label();
      await page.emulateMedia({ media: 'print' });
      expect(await label()).not.toBe(dark);
      expect(await page.locator('#pause').isVisible()).toBe(false);
      // The ink of the chart is drawn anew: no pixel of the dark one's light letters is left.
      await eventually(async () => expect(await lightestOf(page)).toBeLessThan(200));
    });

    test('who asks for less motion sees the page move once a second', async () => {
      const page = await complete({ reducedMotion: 'reduce' });
      const moves = await page.evaluate<number>(`new Promise((done) => {
        const count = document.getElementById('update-count');
        const times = [];
        const seen = new MutationObserver(() => {
          times.push(performance.now());
          if (times.length < 3) return;
          seen.disconnect();
          done(times[2] - times[0]);
        });
        seen.observe(count, { childList: true, characterData: true, subtree: true });
      })`);
      expect(moves).toBeGreaterThan(1_500);
    });
  });

  test('a regular series around zero, at 48 horizons, has units, times and a slider', async () => {
    const market = { ...SERIES, horizons: [...SERIES.horizons], symbols: [...SERIES.symbols] };
    dashboard = await RunningDashboard.start(browser, { market });
    await dashboard.run();
    const page = await dashboard.open();
    await waitForCount(page, 10);
    expect(await page.getByTestId('forecast-table').locator('tbody tr').count()).toBe(48);
    const moves = await page.locator('#forecast-rows td:nth-child(3)').allTextContents();
    expect(moves.every((move) => /^[+−]?\d+\.\d+$/.test(move))).toBe(true);
    const slider = page.getByRole('slider', { name: 'Horizon' });
    expect(await slider.getAttribute('aria-valuetext')).toBe('24 ticks ahead');
    await slider.focus();
    await page.keyboard.press('End');
    await eventually(async () =>
      expect(await slider.getAttribute('aria-valuetext')).toBe('48 ticks ahead'),
    );
    await eventually(async () =>
      expect(await page.getByTestId('readout').textContent()).toMatch(/^\w+ \d+, \d\d:\d\d /),
    );
    for (const id of ['skill', 'coverage', 'weights']) {
      await page.locator(`#${id}-profile canvas`).waitFor();
    }
    expect(await page.locator('#weights-trend .trend-legend li').count()).toBe(7);
    expect(await page.evaluate(FAINT_TEXTS)).toEqual([]);
    expect(dashboard.problems).toEqual([]);
    await dashboard.stop();
  });

  /** A page on which every panel has something to show. */
  async function complete(options: Parameters<RunningDashboard['open']>[0]): Promise<Page> {
    const page = await dashboard.open(options);
    await waitForCount(page, 5);
    await page.locator('#skill-trend canvas').waitFor();
    await page.locator('.health-row').first().waitFor();
    return page;
  }
});

async function brightnessOf(page: Page): Promise<number> {
  const colour = await page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
  const [r, g, b] = (colour.match(/\d+/g) ?? []).map(Number);
  return (r + g + b) / 3;
}

/** Of the opaque pixels where the labels of the chart's time axis stand, the lightest, 0 to 255. */
function lightestOf(page: Page): Promise<number> {
  return page.evaluate<number>(`(() => {
    const canvas = document.querySelector('[data-testid=chart] canvas');
    const top = Math.round(canvas.height * 0.93);
    const pixels = canvas.getContext('2d').getImageData(0, top, canvas.width, canvas.height - top).data;
    let lightest = 0;
    for (let at = 0; at < pixels.length; at += 4) {
      if (pixels[at + 3] > 250) lightest = Math.max(lightest, pixels[at]);
    }
    return lightest;
  })()`);
}
