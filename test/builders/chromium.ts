import { accessSync, constants } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';
import { REACH_MS } from './reach.ts';

const USUAL_PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

const CHROMIUM_FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * Where Chromium is: `FORETICK_CHROMIUM` or a usual place; null where there is none. In CI its absence is an error, as a browser
 * test that never runs is no test.
 */
export function findChromium(): string | null {
  const found = [process.env['FORETICK_CHROMIUM'] ?? '', ...USUAL_PLACES].find(isExecutable);
  if (found === undefined && process.env['CI'] !== undefined) {
    throw new Error(`no Chromium in FORETICK_CHROMIUM, ${USUAL_PLACES.join(', ')}`);
  }
  return found ?? null;
}

/** A browser that talks to nobody but the page it is given. */
export async function launchChromium(executablePath: string): Promise<Browser> {
  const browser = await chromium.launch({
    executablePath,
    args: CHROMIUM_FLAGS,
    timeout: REACH_MS,
  });
  const newContext = browser.newContext.bind(browser);
  // Half a minute is its own deadline for whatever a page is waited for.
  browser.newContext = async (options) => {
    const context = await newContext(options);
    context.setDefaultTimeout(REACH_MS);
    return context;
  };
  return browser;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    // Not there, or not for us: the next place is tried.
    return false;
  }
}
