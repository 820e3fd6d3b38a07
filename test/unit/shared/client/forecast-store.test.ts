import { createRequire } from 'node:module';
import { createElement, type ReactElement } from 'react';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { ForecastStore } from '#shared/client/forecast-store.ts';
import { useForecasts } from '#shared/client/react/use-forecasts.ts';
import { aGateway } from '#test/builders/a-gateway.ts';
import { eventually } from '#test/builders/eventually.ts';

/** `react-dom` has no types of its own. */
const { renderToString } = createRequire(import.meta.url)('react-dom/server') as {
  renderToString(element: ReactElement): string;
};

describe('the newest forecasts for a view', () => {
  test('connect with the first watcher, follow the market, and are a new object at each change', async () => {
    const { market, url, connections } = await aMarket();
    const store = new ForecastStore({ url, symbols: ['sim:A*'] });
    expect(await connections()).toBe(0);
    const changes = vi.fn();
    const unwatch = store.watch(changes);
    onTestFinished(unwatch);
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
    const { url, connections } = await aMarket();
    const store = new ForecastStore({ url, symbols: ['*'] });
    const [one, other] = [store.watch(() => {}), store.watch(() => {})];
    await eventually(() => expect(store.view.forecasts.size).toBe(3));
    expect(await connections()).toBe(1);
    one();
    expect(await connections()).toBe(1);
    other();
    await eventually(async () => expect(await connections()).toBe(0));
  });

  test('are of other symbols on the same connection, and nothing is asked twice', async () => {
    const { market, url, connections } = await aMarket();
    const store = new ForecastStore({ url, symbols: ['sim:ALPHA'] });
    const kinds = new Set<string>();
    onTestFinished(store.watch(() => kinds.add(store.view.connection.kind)));
    await eventually(() => expect([...store.view.forecasts.keys()]).toEqual(['sim:ALPHA']));
    store.change({ symbols: ['sim:ALPHA'] });
    store.change({ symbols: ['sim:BETA', 'sim:DELTA'], maxRateHz: 20 });
    expect([...store.view.forecasts.keys()]).toEqual(['sim:ALPHA']);
    await eventually(() =>
      expect([...store.view.forecasts.keys()].sort()).toEqual(['sim:BETA', 'sim:DELTA']),
    );
    await market.step(2);
    await eventually(() => expect(store.view.forecasts.get('sim:BETA')?.origin).toBe(6));
    expect(store.view.forecasts.size).toBe(2);
    expect(await connections()).toBe(1);
    expect([...kinds]).toEqual(['connecting', 'connected']);
  });

  test('are none where no symbol is wanted, without an error', async () => {
    const { url } = await aMarket();
    const store = new ForecastStore({ url, symbols: [] });
    onTestFinished(store.watch(() => {}));
    await eventually(() => expect(store.view.connection.kind).toBe('connected'));
    store.change({ symbols: ['sim:BETA'] });
    await eventually(() => expect(store.view.forecasts.size).toBe(1));
    store.change({ symbols: [] });
    expect(store.view).toMatchObject({ forecasts: new Map(), error: null });
  });

  test('before there is a watcher may be of others', async () => {
    const { url } = await aMarket();
    const store = new ForecastStore({ url, symbols: ['sim:ALPHA'] });
    store.change({ symbols: ['sim:BETA'] });
    onTestFinished(store.watch(() => {}));
    await eventually(() => expect([...store.view.forecasts.keys()]).toEqual(['sim:BETA']));
  });

  test('say why there are none where the server refuses', async () => {
    const { url } = await aMarket();
    const store = new ForecastStore({ url, symbols: ['no such symbol!'] });
    onTestFinished(() => store.watch(() => {})());
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

async function aMarket() {
  const { market, metrics, streamUrl } = await aGateway({ steps: 5 });
  const connections = async () => {
    const text = await metrics.text();
    return Number(/foretick_serve_connections (\d+)/.exec(text)?.[1] ?? 0);
  };
  return { market, url: streamUrl, connections };
}
