import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '#shared/runtime/system-clock.ts';
import { type Gateway, startGateway } from '#test/builders/a-gateway.ts';
import { ROOT, run } from '#test/builders/client-package.ts';

const CLIENT = join(ROOT, 'shared/client/python');
const NOTEBOOK = join(CLIENT, 'examples/fan_chart.ipynb');
const PYTHON = process.env['FORETICK_PYTHON'] ?? 'python3';
const has = await run(PYTHON, ['-c', 'import websockets, pandas']).then(
  () => true,
  () => false,
);
const REASON = 'no Python with websockets and pandas; FORETICK_PYTHON names one';
if (!has && process.env['CI'] !== undefined) throw new Error(`CI must run the notebook: ${REASON}`);

interface Output {
  readonly output_type: string;
  readonly data?: Readonly<Record<string, string>>;
}

const cells: { cell_type: string; source: string[]; outputs?: Output[] }[] = JSON.parse(
  readFileSync(NOTEBOOK, 'utf8'),
).cells.filter((cell: { cell_type: string }) => cell.cell_type === 'code');

describe('the notebook', () => {
  test('shows what every cell gave, pictures included', () => {
    const outputs = cells.map((cell) => cell.outputs ?? []);
    expect(outputs.every((of) => of.length > 0)).toBe(true);
    const pictures = outputs.flat().filter(({ data }) => data?.['image/png'] !== undefined);
    expect(pictures).toHaveLength(2);
    for (const { data } of pictures) {
      const bytes = Buffer.from(data?.['image/png'] ?? '', 'base64');
      expect(bytes.subarray(1, 4).toString()).toBe('PNG');
      expect(bytes.length).toBeGreaterThan(5_000);
    }
  });

  test('asks the server that npm start starts', () => {
    expect(cells[0].source.join('')).toContain('URL = "ws://127.0.0.1:8080/v1/stream"');
  });
});

describe.skipIf(!has)(`the notebook's cells${has ? '' : ` (${REASON})`}`, () => {
  const ticking = new AbortController();
  let ticks: Promise<void>;
  let gateway: Gateway;

  beforeAll(async () => {
    gateway = await startGateway({ steps: 300 });
    ticks = stepping();
  });

  afterAll(async () => {
    ticking.abort();
    await ticks;
    await gateway.stop();
  });

  test('run one after the other against a live server; pictures where matplotlib is', async () => {
    const script = join(CLIENT, 'examples/run_notebook.py');
    const url = gateway.streamUrl;
    const env = { ...process.env, PYTHONPATH: CLIENT };
    const { stdout } = await run(PYTHON, [script, NOTEBOOK, '--url', url], { env });
    const lines = stdout.trim().split('\n');
    expect(lines).toHaveLength(cells.length);
    for (const [k, line] of lines.entries()) {
      expect(line).toMatch(new RegExp(`^(ok ${k + 1}|left out ${k + 1}: no matplotlib)$`));
    }
    expect(lines.filter((line) => line.startsWith('left out')).length).toBeOneOf([0, 2]);
  });

  async function stepping(): Promise<void> {
    while (!ticking.signal.aborted) {
      await gateway.market.step();
      await systemClock().sleep(20, ticking.signal);
    }
  }
});
