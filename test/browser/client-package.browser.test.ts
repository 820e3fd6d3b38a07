import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aPackageSite, type PackageSite } from '#test/builders/a-package-site.ts';
import { findChromium } from '#test/builders/chromium.ts';

const executablePath = findChromium();
const suite = 'the TypeScript client as a package, in a browser';
const name = executablePath === null ? `${suite} (skipped: no Chromium here)` : suite;

describe.skipIf(executablePath === null)(name, () => {
  let site: PackageSite;

  beforeAll(async () => {
    site = await aPackageSite({ executablePath: executablePath ?? '', page: pageOf });
  });

  afterAll(() => site.stop());

  test('is imported by a page without a bundler, and hears forecasts', async () => {
    const { page, problems } = await site.open();
    await page.getByText('connected').waitFor();
    await site.gateway.market.step(3);
    await page.getByText('sim:ALPHA 12').waitFor();
    expect(problems).toEqual([]);
  });
});

/** As someone would write it who has put the package's folder on his site. */
function pageOf(streamUrl: string): string {
  return `<!doctype html><p id="state"></p><p id="forecast"></p><script type="module">
import { ForecastClient } from '/client/forecast-client.js';
const show = (id, text) => { document.getElementById(id).textContent = text; };
new ForecastClient({ url: '${streamUrl}', symbols: ['sim:ALPHA'] }, {
  onState: ({ kind }) => show('state', kind),
  onForecasts: ({ forecasts }) => show('forecast', forecasts.at(-1).symbol + ' ' + forecasts.at(-1).origin),
});
</script>`;
}
