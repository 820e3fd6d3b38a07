import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { expect } from 'vitest';
import type { ServeConfig } from '#services/serve/config.ts';
import { type RunningServe, startServe } from '#services/serve/service.ts';
import { openMemoryLog } from '#shared/log/embedded/memory-log.ts';
import type { EventLog } from '#shared/log/event-log.ts';
import { memoryLogger } from '#shared/runtime/memory-logger.ts';
import { memoryMetrics } from '#shared/runtime/memory-metrics.ts';
import { systemClock } from '#shared/runtime/system-clock.ts';
import { type VirtualClock, virtualClock } from '#shared/runtime/virtual-clock.ts';
import { aServeConfig } from './a-serve-config.ts';
import { findChromium } from './chromium.ts';
import { eventually, REACH_MS } from './eventually.ts';
import { MovingMarket, type MovingMarketOptions } from './moving-market.ts';

const STEP_MS = 40;

export interface RunningDashboardOptions {
  readonly market?: Omit<MovingMarketOptions, 'log'>;
  /** Ticks of every symbol before the server starts. */
  readonly history?: number;
  readonly config?: Partial<ServeConfig>;
}

/** Where a browser is; null where the tests of it are skipped. */
export const CHROMIUM = findChromium();

/** A market that writes to a log in memory, a gateway that serves it, and the pages that are opened on it. */
export class RunningDashboard {
  readonly log: EventLog;
  readonly market: MovingMarket;
  /** What a page complained of. */
  readonly problems: string[] = [];
  readonly #browser: Browser;
  #config: Partial<ServeConfig>;
  /** The gateway's time goes on with the market, so that the feed's pulse is the same on every machine. */
  readonly #clock: VirtualClock = virtualClock(Date.now());
  #server: RunningServe | null = null;
  #stopMarket: () => Promise<void> = async () => {};

  private constructor(browser: Browser, log: EventLog, options: RunningDashboardOptions) {
    this.#browser = browser;
    this.log = log;
    this.market = new MovingMarket({ log, ...options.market });
    this.#config = options.config ?? {};
  }

  static async start(
    browser: Browser,
    options: RunningDashboardOptions = {},
  ): Promise<RunningDashboard> {
    const log = openMemoryLog({ partitionCount: 2 });
    const running = new RunningDashboard(browser, log, options);
    await running.market.step(options.history ?? 400);
    await running.serve();
    return running;
  }

  get port(): number {
    return this.#server?.port ?? 0;
  }

  /** Steps the market, or does what is given, until the end or until another is told to; each step takes so long for the gateway. */
  async run(step: () => Promise<void> = () => this.market.step(), stepMs = STEP_MS): Promise<void> {
    await this.#stopMarket();
    const stop = new AbortController();
    const pace = systemClock();
    const stepping = (async () => {
      while (!stop.signal.aborted) {
        await step();
        await this.#clock.advance(stepMs);
        await pace.sleep(STEP_MS, stop.signal);
      }
    })();
    this.#stopMarket = async () => {
      stop.abort();
      await stepping;
    };
  }

  async serve(port = 0): Promise<void> {
    const ports = {
      log: this.log,
      clock: this.#clock,
      logger: memoryLogger(),
      metrics: memoryMetrics(),
    };
    const config = aServeConfig({ ...this.#config, port });
    this.#server = await startServe({ ...ports, readiness: () => true }, config);
  }

  /** The same gateway again, for so many connections. */
  async allow(connections: number): Promise<void> {
    const { port } = this;
    await this.stopServing();
    this.#config = { ...this.#config, connections };
    await this.serve(port);
  }

  async stopServing(): Promise<void> {
    await this.#server?.stop();
    this.#server = null;
  }

  /** `script`: what the browser does before the page does anything. */
  async open(options: BrowserContextOptions = {}, script = ''): Promise<Page> {
    const page = await this.#browser.newPage({
      viewport: { width: 1280, height: 900 },
      ...options,
    });
    await page.addInitScript(script);
    page.setDefaultTimeout(REACH_MS);
    page.on('pageerror', (error) => this.problems.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') this.problems.push(message.text());
    });
    await page.goto(`http://127.0.0.1:${this.port}/`);
    return page;
  }

  async stop(): Promise<void> {
    await this.#stopMarket();
    await Promise.all(this.#browser.contexts().map((context) => context.close()));
    await this.stopServing();
    await this.log.close();
  }
}

/** Forecasts that the page says it has received. */
export async function countOf(page: Page): Promise<number> {
  const text = (await page.getByTestId('update-count').textContent()) ?? '';
  return Number(text.replace(/\D/g, ''));
}

export async function waitForCount(page: Page, least: number): Promise<void> {
  await eventually(async () => expect(await countOf(page)).toBeGreaterThanOrEqual(least));
}

/** Share of the pixels of the first canvas in there that are not empty. Text, as tests are checked without the types of a browser. */
export async function inkOf(page: Page, testId: string): Promise<number> {
  return page.evaluate<number>(`(() => {
    const canvas = document.querySelector('[data-testid=${testId}] canvas');
    const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
    let inked = 0;
    for (let at = 3; at < pixels.length; at += 4) if (pixels[at] > 0) inked += 1;
    return inked / (pixels.length / 4);
  })()`);
}
