import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { launchChromium } from '#test/builders/chromium.ts';
import { eventually } from '#test/builders/eventually.ts';
import { CHROMIUM, RunningDashboard } from '#test/builders/running-dashboard.ts';
import { aToken, TOKEN_SECRET } from '#test/builders/tokens.ts';

const suite = CHROMIUM === null ? 'the token field (skipped: no Chromium here)' : 'the token field';

describe.skipIf(CHROMIUM === null)(suite, () => {
  let browser: Browser;
  let dashboard: RunningDashboard;
  let addresses: string[];
  /** On every WebSocket. */
  let sent: string[];

  beforeAll(async () => {
    browser = await launchChromium(CHROMIUM ?? '');
  });

  afterAll(() => browser.close());

  beforeEach(async () => {
    addresses = [];
    sent = [];
    const config = { authSecret: TOKEN_SECRET };
    dashboard = await RunningDashboard.start(browser, { config, history: 60 });
    await dashboard.run();
  });

  afterEach(() => dashboard.stop());

  test('a page without a token asks for one, says why another is refused, and shows what the right one allows', async () => {
    const page = await open();
    await page.getByText('This server asks for a token.').waitFor();
    expect(await page.locator('.symbol-row').count()).toBe(0);
    await show(page, await aToken({ audience: 'another' }));
    await page.getByText(/^The server refused the token: /).waitFor();
    await show(page, 'not a token: ä');
    await page.getByText('The server refused the token: that is no JSON Web Token').waitFor();
    await show(page, await aToken({ symbols: ['sim:BETA'] }));
    await page.getByRole('option', { name: 'sim:BETA' }).waitFor();
    await eventually(async () => expect(await connection(page)).toBe('Connected · live'));
    expect(await page.locator('.symbol-row').count()).toBe(1);
    expect(await page.getByTestId('token-dialog').isVisible()).toBe(false);
  });

  test('a token lives in the tab, never in an address, until it is told to be forgotten', async () => {
    const page = await open();
    const token = await aToken();
    await show(page, token);
    await page.getByRole('option', { name: 'sim:ALPHA' }).waitFor();
    await page.reload();
    await page.getByRole('option', { name: 'sim:ALPHA' }).waitFor();
    const kept = await page.evaluate<string[]>('[...Object.values(sessionStorage)]');
    expect(kept).toEqual([token]);
    expect(await page.evaluate('JSON.stringify(localStorage) + document.cookie')).toBe('{}');
    expect(addresses.filter((address) => address.includes(token))).toEqual([]);
    expect(addresses.some((address) => address.includes('/v1/forecasts/'))).toBe(true);
    await page.getByRole('button', { name: 'Forget token' }).click();
    await page.getByText('This server asks for a token.').waitFor();
  });

  test('before a token expires a newer one is asked for, and shown on the connection that stands', async () => {
    const page = await open();
    await show(page, await aToken({ seconds: 20 }));
    await page.getByRole('option', { name: 'sim:ALPHA' }).waitFor();
    await page.getByText(/^The token is about to expire/).waitFor();
    const sockets = addresses.filter((address) => address.startsWith('ws')).length;
    const newer = await aToken({ seconds: 600 });
    await show(page, newer);
    await page.getByTestId('token-dialog').waitFor({ state: 'hidden' });
    const shown = () => sent.filter((message) => message.includes(newer)).length;
    await eventually(async () => expect(await shown()).toBe(1));
    expect(addresses.filter((address) => address.startsWith('ws')).length).toBe(sockets);
    await eventually(async () => expect(await connection(page)).toBe('Connected · live'));
    expect(await page.evaluate('sessionStorage.getItem("foretick.token")')).toBe(newer);
  });

  test('a token that expired unrenewed is asked for again, over what is shown', async () => {
    const page = await open();
    await show(page, await aToken({ seconds: 3 }));
    await page.getByRole('option', { name: 'sim:ALPHA' }).waitFor();
    await page.getByText(/^The server refused the token: /).waitFor();
    await eventually(async () => expect(await connection(page)).toMatch(/^Disconnected/));
    await show(page, await aToken());
    await eventually(async () => expect(await connection(page)).toBe('Connected · live'));
  });

  async function open(): Promise<Page> {
    const page = await dashboard.open();
    page.on('request', (request) => addresses.push(request.url()));
    page.on('websocket', (socket) => {
      addresses.push(socket.url());
      socket.on('framesent', ({ payload }) => sent.push(String(payload)));
    });
    return page;
  }

  async function show(page: Page, token: string): Promise<void> {
    await page.getByLabel('JSON Web Token').fill(token);
    await page.getByRole('button', { name: 'Show it' }).click();
  }

  function connection(page: Page): Promise<string | null> {
    return page.locator('.connection-text').textContent();
  }
});
