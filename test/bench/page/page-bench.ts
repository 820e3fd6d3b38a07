import { fork } from 'node:child_process';
import { join } from 'node:path';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { launchChromium } from '#test/builders/chromium.ts';
import { answerOf, endChild } from '../edge/server-process.ts';

/** Of one case: what lay between one frame of animation and the next. */
export interface FrameGaps {
  readonly screen: string;
  readonly name: string;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  readonly stutters: number;
  /** Of the time, for which the page's main thread had a task. */
  readonly busyShare: number;
}

/** A gap that is seen: three frames of a screen with 60 in a second. */
export const STUTTER_MS = 50;

type Measured = Omit<FrameGaps, 'screen' | 'name'>;
type Listening = { readonly kind: 'listening'; readonly port: number };

interface Screen {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly slowedBy: number;
}

const SCREENS: readonly Screen[] = [
  { name: 'desktop', width: 1_340, height: 900, slowedBy: 1 },
  { name: 'phone, slowed 4 times', width: 390, height: 844, slowedBy: 4 },
];

/** While the first snapshots come and compilers settle. */
const WARM_MS = 2_000;
/** Before each case: what the last one asked of the gateway has come. */
const SETTLE_MS = 500;

/** Skill takes the way of the forecast: the market is too short for scores of all symbols. */
const ORDERS = ['change', 'forecast', 'name'];
const WORDS = ['s', 's0', 's01', 's012', 's0123', 's012', 's01', 's0', 's', ''];

// What is done on the page, as text: it is checked without the types of a browser. `endMs` is when the case ends.
const IDLE = 'await sleep(endMs - performance.now());';
const SCROLL = `
  const list = document.getElementById('symbols');
  while (performance.now() < endMs) {
    list.scrollTop += 40;
    await new Promise(requestAnimationFrame);
  }`;
const JUMP = `
  const list = document.getElementById('symbols');
  for (let k = 0; performance.now() < endMs; k += 1) {
    list.scrollTop = k % 2 === 0 ? list.scrollHeight : 0;
    await sleep(400);
  }`;
const TYPE = `
  const filter = document.getElementById('filter');
  for (let k = 0; performance.now() < endMs; k += 1) {
    filter.value = ${JSON.stringify(WORDS)}[k % ${WORDS.length}];
    filter.dispatchEvent(new Event('input', { bubbles: true }));
    await sleep(150);
  }`;
/** Twice, from another order: what the first time was asked of the gateway is asked for again. */
function sorting(order: string): string {
  const between = order === 'name' ? 'change' : 'name';
  return `
  const select = document.getElementById('order');
  for (const value of ['${between}', '${order}', '${between}', '${order}']) {
    select.value = value;
    select.dispatchEvent(new Event('change', { bubbles: true }));
    await sleep(value === '${order}' ? (endMs - startMs) / 2 - 400 : 400);
  }`;
}

type Case = readonly [name: string, act: string];
const CASES: readonly Case[] = [
  ['idle', IDLE],
  ['scrolling, 40 px a frame', SCROLL],
  ['to the end and back', JUMP],
  ...ORDERS.map((order) => [`sorting by ${order}`, sorting(order)] as const),
  ['typing a filter', TYPE],
];
export const EMPTY_PAGE = 'an empty page';
const EMPTY: readonly [string, readonly Case[]] = ['about:blank', [[EMPTY_PAGE, IDLE]]];

/** The dashboard at each width, an empty page of the same browser before and after it. */
export async function runPage(
  executablePath: string,
  seconds: number,
  say: (gaps: FrameGaps) => void,
): Promise<readonly FrameGaps[]> {
  const server = fork(join(import.meta.dirname, 'page-server.ts'));
  const browser = await launchChromium(executablePath);
  const all: FrameGaps[] = [];
  try {
    const { port } = await answerOf<Listening, 'listening'>(server, 'listening');
    for (const screen of SCREENS) {
      for (const [address, cases] of [
        EMPTY,
        [`http://127.0.0.1:${port}/`, CASES],
        EMPTY,
      ] as const) {
        const page = await openPage(browser, screen, address);
        for (const [name, act] of cases) {
          const gaps = { screen: screen.name, name, ...(await measure(page, act, seconds)) };
          all.push(gaps);
          say(gaps);
        }
        await page.context().close();
      }
    }
    return all;
  } finally {
    await browser.close();
    await endChild(server);
  }
}

/** The page, once it shows what it is to show, on a processor as slow as the screen is said to have. */
async function openPage(browser: Browser, screen: Screen, address: string): Promise<Page> {
  const page = await browser.newPage({ viewport: screen });
  await page.goto(address);
  if (address !== EMPTY[0]) await page.getByText('10,000 symbols').waitFor();
  await page.waitForTimeout(WARM_MS);
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: screen.slowedBy });
  return page;
}

/** Times are taken when the work on a frame begins. */
async function measure(page: Page, act: string, seconds: number): Promise<Measured> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Performance.enable');
  const before = await taskSeconds(devtools);
  const { gaps, wallMs } = await page.evaluate<{ gaps: number[]; wallMs: number }>(`(async () => {
    const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
    await sleep(${SETTLE_MS});
    await new Promise(requestAnimationFrame);
    const startMs = performance.now();
    const endMs = startMs + ${seconds * 1_000};
    const gaps = [];
    let lastMs = startMs;
    const frame = () => {
      const nowMs = performance.now();
      gaps.push(nowMs - lastMs);
      lastMs = nowMs;
      if (nowMs < endMs) requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
    ${act}
    while (lastMs < endMs) await new Promise(requestAnimationFrame);
    return { gaps, wallMs: lastMs - startMs + ${SETTLE_MS} };
  })()`);
  const busySeconds = (await taskSeconds(devtools)) - before;
  await devtools.detach();
  gaps.sort((a, b) => a - b);
  const at = (share: number): number => gaps[Math.floor(share * (gaps.length - 1))];
  return {
    ...{ p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) },
    stutters: gaps.filter((gap) => gap > STUTTER_MS).length,
    busyShare: busySeconds / (wallMs / 1_000),
  };
}

/** Seconds for which the main thread had a task. */
async function taskSeconds(devtools: CDPSession): Promise<number> {
  const { metrics } = await devtools.send('Performance.getMetrics');
  return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN;
}
