import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aPackageSite, type PackageSite } from '#test/builders/a-package-site.ts';
import { findChromium } from '#test/builders/chromium.ts';
import { eventually } from '#test/builders/eventually.ts';

const executablePath = findChromium();
const suite = 'the React hook, in a browser';
const name = executablePath === null ? `${suite} (skipped: no Chromium here)` : suite;
const require = createRequire(import.meta.url);

/** Where React comes as it is on npm: CommonJS, which a page without a bundler has to be told as modules. */
const REACT: Readonly<Record<string, readonly string[]>> = {
  react: [],
  scheduler: [],
  'react-dom': ['react'],
  'react-dom-client': ['scheduler', 'react', 'react-dom'],
};

/** React's builds. In the second `StrictMode` mounts every component twice, with an end between. */
const BUILDS = ['production', 'development'] as const;
type Build = (typeof BUILDS)[number];

describe.skipIf(executablePath === null).each(BUILDS)(`${name}: %s`, (build) => {
  let site: PackageSite;

  beforeAll(async () => {
    site = await aPackageSite({
      executablePath: executablePath ?? '',
      page: pageOf,
      moduleAt: (path) => reactAt(path, build),
    });
  });

  afterAll(() => site.stop());

  test('follows the market, takes other symbols without a break, and lets go with its component', async () => {
    const { page, problems } = await site.open();
    const shown = page.locator('#shown');
    await eventually(async () => expect(await shown.textContent()).toBe('sim:ALPHA 9'));
    await site.gateway.market.step(3);
    await eventually(async () => expect(await shown.textContent()).toBe('sim:ALPHA 12'));
    await page.getByRole('button', { name: 'other' }).click();
    await eventually(async () => expect(await shown.textContent()).toBe('sim:BETA 12'));
    await site.gateway.market.step(1);
    await eventually(async () => expect(await shown.textContent()).toBe('sim:BETA 13'));
    const kinds = await page.evaluate<string[]>('[...new Set(window.kinds)]');
    expect(kinds).toEqual(['connecting', 'connected']);
    expect(await page.evaluate('window.mounts')).toBe(build === 'development' ? 2 : 1);
    await eventually(async () =>
      expect(await site.gateway.metrics.text()).toContain('foretick_serve_connections 1'),
    );
    await page.getByRole('button', { name: 'close' }).click();
    await eventually(async () =>
      expect(await site.gateway.metrics.text()).toContain('foretick_serve_connections 0'),
    );
    expect(problems).toEqual([]);
  });
});

/** As someone would write it in his own component. */
function pageOf(streamUrl: string): string {
  return `<!doctype html><div id="root"></div>
<script type="importmap">{ "imports": { "react": "/react/react.js" } }</script>
<script type="module">
import { createElement, StrictMode, useEffect, useState } from 'react';
import dom from '/react/react-dom-client.js';
import { useForecasts } from '/client/react/use-forecasts.js';
window.kinds = [];
window.mounts = 0;
function Price({ symbol }) {
  const { forecasts, connection } = useForecasts({ url: '${streamUrl}', symbols: [symbol], maxRateHz: 50, delta: true });
  window.kinds.push(connection.kind);
  useEffect(() => { window.mounts += 1; }, []);
  const all = [...forecasts.values()].map((one) => one.symbol + ' ' + one.origin);
  return createElement('p', { id: 'shown' }, all.join());
}
function App() {
  const [symbol, setSymbol] = useState('sim:ALPHA');
  const button = (name, to) => createElement('button', { key: name, onClick: () => setSymbol(to) }, name);
  const price = symbol === null ? null : createElement(Price, { key: 'price', symbol });
  return [price, button('other', 'sim:BETA'), button('close', null)];
}
dom.createRoot(document.getElementById('root')).render(createElement(StrictMode, null, createElement(App)));
</script>`;
}

function reactAt(path: string, build: Build): Promise<string> | null {
  const react = /^\/react\/([\w-]+)\.js$/.exec(path)?.[1];
  return react === undefined ? null : moduleOf(react, build);
}

async function moduleOf(name: string, build: Build): Promise<string> {
  const owner = name === 'react-dom-client' ? 'react-dom' : name;
  const folder = dirname(require.resolve(`${owner}/package.json`));
  const code = await readFile(join(folder, 'cjs', `${name}.${build}.js`), 'utf8');
  const needs = REACT[name] ?? [];
  const imports = needs.map((need, k) => `import m${k} from '/react/${need}.js';`).join('\n');
  const table = needs.map((need, k) => `'${need}': m${k}`).join(', ');
  const named = name === 'react' ? NAMED : '';
  return `${imports}
const module = { exports: {} };
const process = { env: { NODE_ENV: '${build}' } };
((exports, require) => {${code}})(module.exports, (name) => ({ ${table} })[name]);
export default module.exports;
${named}`;
}

const NAMED =
  'export const { createElement, StrictMode, useEffect, useMemo, useState, useSyncExternalStore } = module.exports;';
