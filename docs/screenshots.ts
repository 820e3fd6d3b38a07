import { resolve } from 'node:path';
import { chromium } from 'playwright-core';

const PICTURES = resolve(import.meta.dirname, 'pictures');
/** Enough of what was learnt and scored for every panel to have something to show. */
const FORECASTS = 300;

const SHOTS = [
  {
    name: 'dashboard-light',
    colorScheme: 'light',
    viewport: { width: 1340, height: 900 },
    height: 1080,
  },
  {
    name: 'dashboard-phone',
    colorScheme: 'dark',
    viewport: { width: 390, height: 844 },
    height: 960,
  },
] as const;

// `npm start` in one terminal, and after some minutes in another: node docs/screenshots.ts [url]
const url = process.argv[2] ?? 'http://127.0.0.1:8080';
const browser = await chromium.launch({
  executablePath: process.env['FORETICK_CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--headless', '--no-sandbox'],
});
for (const { name, height, ...look } of SHOTS) {
  const page = await browser.newPage({ ...look, locale: 'en-GB', timezoneId: 'UTC' });
  await page.goto(url);
  await page.locator('#skill-trend canvas').waitFor();
  await page.locator('.model-row[data-current="true"]').waitFor();
  await page
    .getByText(/^10 ticks$/)
    .first()
    .waitFor();
  const received = () => page.getByTestId('update-count').textContent();
  while (Number((await received())?.replace(/\D/g, '')) < FORECASTS) {
    await page.waitForTimeout(200);
  }
  const clip = { x: 0, y: 0, width: look.viewport.width, height };
  await page.screenshot({ path: `${PICTURES}/${name}.png`, fullPage: true, clip });
  await page.close();
}
await browser.close();
