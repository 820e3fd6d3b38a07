import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '#shared/runtime/system-clock.ts';
import { type Gateway, startGateway } from '#test/builders/a-gateway.ts';
import { codeOf, ROOT, run } from '#test/builders/client-package.ts';
import { Heard } from '#test/builders/heard.ts';

const SOURCE = join(ROOT, 'shared/client/python');
const PYTHON = process.env['FORETICK_PYTHON'] ?? 'python3';
const OFFLINE = ['--no-index', '--no-deps', '--disable-pip-version-check'];
const REASON =
  'FORETICK_PYTHON names no Python with pip, websockets and pandas, and setuptools or a network';
const place = await mkdtemp(join(tmpdir(), 'foretick-wheel-'));
const wheel = await built();
const has = wheel !== null;
if (!has && process.env['CI'] !== undefined) throw new Error(`CI must test the package: ${REASON}`);

describe.skipIf(!has)(`the Python client as a package${has ? '' : ` (${REASON})`}`, () => {
  let gateway: Gateway;
  let fresh: string;

  beforeAll(async () => {
    await run(PYTHON, ['-m', 'venv', join(place, 'venv')]);
    fresh = join(place, 'venv/bin/python');
    await run(fresh, ['-m', 'pip', 'install', ...OFFLINE, join(place, 'wheels', `${wheel}`)]);
    gateway = await startGateway({ steps: 120 });
  });

  afterAll(async () => {
    await gateway.stop();
    await rm(place, { recursive: true });
  });

  test('is installed without a network, typed, in the version of the repository', async () => {
    const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
    expect(wheel).toBe(`foretick-${version}-py3-none-any.whl`);
    const files = `import importlib.metadata as m; print(*sorted(f"{f}" for f in m.files("foretick") if f.suffix in (".py", ".typed")))`;
    const { stdout } = await run(fresh, ['-c', files]);
    const source = (await readdir(join(SOURCE, 'foretick'))).filter((one) =>
      /\.(py|typed)$/.test(one),
    );
    expect(stdout.trim().split(' ')).toEqual(source.map((one) => `foretick/${one}`).sort());
    expect(stdout).toContain('foretick/py.typed');
  });

  test('carries the licence of the repository', async () => {
    const [ours, theirs] = [join(SOURCE, 'LICENSE'), join(ROOT, 'LICENSE')];
    expect(await readFile(ours, 'utf8')).toBe(await readFile(theirs, 'utf8'));
  });

  test('does what its README shows, installed', async () => {
    const code = await codeOf('shared/client/python/README.md', 'python');
    const url = 'ws://127.0.0.1:8080/v1/stream';
    expect(code).toContain(url);
    const example = join(place, 'example.py');
    await writeFile(example, code.replace(url, gateway.streamUrl));
    const found = await run(PYTHON, [
      '-c',
      'import sysconfig; print(sysconfig.get_path("purelib"))',
    ]);
    // The packages that it depends on are those of the Python that built it.
    const env = { ...process.env, PYTHONPATH: found.stdout.trim(), PYTHONUNBUFFERED: '1' };
    const child = spawn(fresh, [example], { env });
    const heard = new Heard<string>();
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (part) => heard.push(String(part)));
    }
    const ticking = new AbortController();
    const ticks = stepping(ticking.signal);
    await heard.until((all) => /sim:BETA[^\n]* 0\.\d+/.test(all.join('')), 'a table');
    ticking.abort();
    await ticks;
    child.kill();
    await once(child, 'exit');
  });

  async function stepping(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await gateway.market.step();
      await systemClock().sleep(20, signal);
    }
  }
});

/** The name of the wheel; null where there is nobody to build it. */
async function built(): Promise<string | null> {
  // A build leaves its traces beside the sources.
  const source = join(place, 'source');
  await cp(SOURCE, source, { recursive: true });
  const words = ['-m', 'pip', 'wheel', '--wheel-dir', join(place, 'wheels'), source];
  const offline = ['--no-build-isolation', ...OFFLINE];
  try {
    await run(PYTHON, ['-c', 'import pip, venv, websockets, pandas']);
    // A Python without a builder of wheels gets setuptools from the index, as everybody's does.
    await run(PYTHON, [...words, ...offline]).catch(() => run(PYTHON, [...words, '--no-deps']));
    return (await readdir(join(place, 'wheels')))[0];
  } catch {
    // Whatever is missing, the reason for skipping names all that is needed.
    await rm(place, { recursive: true });
    return null;
  }
}
