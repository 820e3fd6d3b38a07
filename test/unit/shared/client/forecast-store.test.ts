import { createRequire } from 'node:module';
import { createElement, type ReactElement } from 'react';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { startServe } from '#services/serve/service.ts';
import { ForecastStore } from '#shared/client/forecast-store.ts';
import { useForecasts } from '#shared/client/react/use-forecasts.ts';
import { openMemoryLog } from '#shared/log/embedded/memory-log.ts';
import { memoryLogger } from '#shared/runtime/memory-logger.ts';
import { memoryMetrics } from '#shared/runtime/memory-metrics.ts';
import { systemClock } from '#shared/runtime/system-clock.ts';
import { aServeConfig } from '#test/builders/a-serve-config.ts';
import { eventually } from '#test/builders/eventually.ts';
import { MovingMarket } from '#test/builders/moving-market.ts';

/** `react-dom` has no types of its own. */
const { renderToString } = createRequire(import.meta.url)('react-dom/server') as {
  renderToString(element: ReactElement): string;
};

const closing: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

describe('the newest forecasts for a view', () => {
  test('connect with the first watcher, follow the market, and are a new object at each change', async () => {
    const { market, url, connections } = await aGateway();
    const store = new ForecastStore({ url, symbols: ['sim:A*'] });
    expect(await connections()).toBe(0);
    const changes = vi.fn();
    const unwatch = store.watch(changes);
    closing.push(async () => unwatch());
    await eventually(() => expect(store.view.forecasts.size).toBe(1));
    const before = store.view;
    const watched = changes.mock.calls.length;
    await market.step(3);
    await eventually(() => expect(store.view.forecasts.get('sim:ALPHA')?.origin).toBe(7));
    expect(store.view).not.toBe(before);
    expect(before.forecasts.get('sim:ALPHA')?.origin).toBe(4);
    expect(changes.mock.calls.length).toBeGreaterThan(watched);
    expect(store.view.connection.kind).toBe('connected');
  });

  test('are one connection for many watchers, and none after the last', async () => {
    const { url, connections } = await aGateway();
    const store = new ForecastStore({ url, symbols: ['*'] });
    const [one, other] = [store.watch(() => {}), store.watch(() => {})];
    await eventually(() => expect(store.view.forecasts.size).toBe(3));
    expect(await connections()).toBe(1);
    one();
    expect(await connections()).toBe(1);
    other();
    await eventually(async () => expect(await connections()).toBe(0));
  });

  test('say why there are none where the server refuses', async () => {
    const { url } = await aGateway();
    const store = new ForecastStore({ url, symbols: ['no such symbol!'] });
    closing.push(async () => store.watch(() => {})());
    const unwatch = store.watch(() => {});
    await eventually(() => expect(store.view.error?.message).toContain('symbols'));
    unwatch();
  });
});

function Panel() {
  const { forecasts, connection } = useForecasts({ url: 'ws://127.0.0.1:9/', symbols: ['*'] });
  return createElement('p', null, `${connection.kind} ${forecasts.size}`);
}

test('the hook renders before there is anything, without connecting', () => {
  expect(renderToString(createElement(Panel))).toBe('<p>connecting 0</p>');
});

async function aGateway() {
  const log = openMemoryLog({ partitionCount: 2 });
  closing.push(() => log.close());
  const market = new MovingMarket({ log });
  await market.step(5);
  const metrics = memoryMetrics();
  const ports = { log, clock: systemClock(), logger: memoryLogger(), metrics };
  const server = await startServe({ ...ports, readiness: () => true }, aServeConfig());
  closing.push(() => server.stop());
  const connections = async () => {
    const text = await metrics.text();
    return Number(/foretick_serve_connections (\d+)/.exec(text)?.[1] ?? 0);
  };
  return { market, url: `ws://127.0.0.1:${server.port}/v1/stream`, connections };
}
