import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '#shared/runtime/system-clock.ts';
import { importsOf } from '#test/architecture/source-files.ts';
import { type Gateway, startGateway } from '#test/builders/a-gateway.ts';
import {
  aClientPackage,
  type ClientPackage,
  codeOf,
  ROOT,
  run,
} from '#test/builders/client-package.ts';
import { Heard } from '#test/builders/heard.ts';

const README = 'infra/client/README.md';
/** The Node that runs these tests, and the machine's own where that is another one. */
const NODES = [process.execPath, ownNode()].filter((one) => one !== null);

let built: ClientPackage;
let packed: { name: string; version: string; filename: string; files: { path: string }[] };
let gateway: Gateway;

beforeAll(async () => {
  built = await aClientPackage();
  await mkdir(built.app);
  const words = ['pack', '--json', '--pack-destination', built.app];
  packed = JSON.parse((await run('npm', words, { cwd: built.folder })).stdout)[0];
  await writeFile(join(built.app, 'package.json'), JSON.stringify({ type: 'module' }));
  await run('npm', ['install', '--offline', '--no-audit', `./${packed.filename}`], {
    cwd: built.app,
  });
  for (const name of ['ws', 'react', '@types', '@msgpack']) {
    await symlink(join(ROOT, 'node_modules', name), join(built.app, 'node_modules', name));
  }
  gateway = await startGateway({ steps: 120 });
});

afterAll(async () => {
  await gateway.stop();
  await built.remove();
});

describe('the TypeScript client as a package', () => {
  test('holds modules with their types and nothing else, in the version of the repository', async () => {
    const paths = packed.files.map(({ path }) => path);
    const modules = paths.filter((path) => path.endsWith('.js'));
    const types = modules.map((path) => path.replace(/\.js$/, '.d.ts'));
    const words = ['LICENSE', 'README.md', 'package.json'];
    expect(paths.sort()).toEqual([...modules, ...types, ...words].sort());
    const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
    expect(packed).toMatchObject({ name: 'foretick-client', version });
    const { exports, ...manifest } = JSON.parse(
      await readFile(join(built.folder, 'package.json'), 'utf8'),
    );
    expect(modules).toEqual(
      expect.arrayContaining(Object.values<string>(exports).map((path) => path.slice(2))),
    );
    expect(manifest).not.toHaveProperty('dependencies');
  });

  test('imports its own files and, in the hook, React', async () => {
    const packages: string[] = [];
    for (const { path } of packed.files.filter((one) => /\.(js|d\.ts)$/.test(one.path))) {
      for (const one of importsOf(path, await readFile(join(built.folder, path), 'utf8'))) {
        if (one.file === null) packages.push(`${path}: ${one.package}`);
        else expect(packed.files.map((file) => file.path)).toContain(one.file);
      }
    }
    expect(packages).toEqual(['client/react/use-forecasts.js: react']);
  });

  test.each(NODES)('does what its README shows, installed, on %s', async (node) => {
    const example = await codeOf(README, 'js');
    const here = example
      .replace('ws://127.0.0.1:8080/v1/stream', gateway.streamUrl)
      // As the README says for Node 20, which has none of its own.
      .replace('maxRateHz: 2', 'maxRateHz: 2, webSocket: WebSocket');
    expect(here).toContain(gateway.streamUrl);
    expect(here).toContain('webSocket');
    await writeFile(join(built.app, 'example.js'), `import { WebSocket } from 'ws';\n${here}`);
    const child = spawn(node, ['example.js'], { cwd: built.app });
    const heard = new Heard<string>();
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (part) => heard.push(String(part)));
    }
    const line = /sim:BETA \d+(\.\d+)?, 80 % in 1: \d+\.\d+ to \d+\.\d+\n {2}so far 0\.\d+ of/;
    const ticking = new AbortController();
    const ticks = stepping(ticking.signal);
    await heard.until((all) => line.test(all.join('')), 'a forecast');
    ticking.abort();
    await ticks;
    child.kill();
    await once(child, 'exit');
  });

  test.each(['nodenext', 'bundler'])(
    'has types that stand on their own (%s)',
    async (resolution) => {
      await writeFile(
        join(built.app, 'use.tsx'),
        `import * as messagePack from '@msgpack/msgpack';
import { ForecastClient, type ForecastClientOptions } from 'foretick-client';
import { ConnectionRefusedError } from 'foretick-client/errors';
import type { Listener } from 'foretick-client/listener';
import type { WireForecast } from 'foretick-client/messages';
import { useForecasts } from 'foretick-client/react';
import { ForecastStore } from 'foretick-client/store';

const options: ForecastClientOptions = { url: 'ws://127.0.0.1:1/', symbols: ['*'], messagePack, webSocket: WebSocket };
const listener: Listener = { onForecasts: ({ forecasts }) => forecasts.map((one: WireForecast) => one.symbol).join() as unknown as void };
export const client = new ForecastClient(options, listener);
export const store = new ForecastStore(options);
export const code: string = new ConnectionRefusedError('').code;
export const view = () => useForecasts({ url: 'ws://127.0.0.1:1/', symbols: [] }).forecasts.get('a')?.score?.coverage80;
// @ts-expect-error: there is no such option
export const wrong = new ForecastClient({ ...options, sybmols: [] } satisfies ForecastClientOptions, {});
`,
      );
      const module = resolution === 'bundler' ? 'esnext' : 'nodenext';
      const compilerOptions = {
        ...{ target: 'es2022', lib: ['es2022', 'dom'], strict: true, noEmit: true, types: [] },
        ...{ module, moduleResolution: resolution, jsx: 'react-jsx', skipLibCheck: false },
      };
      const config = { compilerOptions, files: ['use.tsx'] };
      await writeFile(join(built.app, 'tsconfig.json'), JSON.stringify(config));
      const compiler = join(ROOT, 'node_modules/typescript/bin/tsc');
      const output = await run(process.execPath, [compiler, '-p', built.app]).catch(
        (error) => error,
      );
      expect(output.stdout).toBe('');
    },
  );
});

async function stepping(signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await gateway.market.step();
    await systemClock().sleep(20, signal);
  }
}

function ownNode(): string | null {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const found = folders
    .filter((one) => !one.includes('node_modules'))
    .map((one) => join(one, 'node'));
  return found.find((path) => existsSync(path) && path !== process.execPath) ?? null;
}
