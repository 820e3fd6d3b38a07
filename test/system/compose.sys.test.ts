import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ForecastClient } from '#shared/client/forecast-client.ts';
import { findOwn, whyNone } from '#test/brokers/broker-source.ts';
import { eventually } from '#test/builders/eventually.ts';
import { findCompose, RunningCompose } from '#test/builders/running-compose.ts';
import { Witness } from '#test/builders/witness.ts';

const SYMBOLS = 6;
const MORE = 200;

const reason = whyNoCompose();

function whyNoCompose(): string | null {
  const [kafka, redis] = [findOwn('kafka'), findOwn('redis')];
  const why = whyNone(kafka, redis);
  if (why !== null) return why;
  if (kafka.from !== 'docker' || redis.from !== 'docker') return 'there is no Docker';
  if (findCompose() !== null) return null;
  if (process.env['CI'] !== undefined) throw new Error('CI must have Compose');
  return 'neither `docker compose` nor docker-compose';
}

describe.skipIf(reason !== null)(
  `docker-compose.yml${reason === null ? '' : ` (skipped: ${reason})`}`,
  () => {
    let compose: RunningCompose;
    let client: ForecastClient;
    const witness = new Witness();

    beforeAll(async () => {
      compose = await RunningCompose.start(findCompose() ?? []);
      client = new ForecastClient(
        { url: compose.streamUrl, symbols: ['*'], reconnectBaseMs: 100, reconnectCapMs: 500 },
        witness,
      );
    });

    afterAll(async () => {
      await client?.close();
      await compose?.remove();
    });

    const hear = async (count: number): Promise<void> => {
      const wanted = witness.heard.all.length + count;
      const what = `${wanted} forecasts`;
      try {
        await witness.heard.until((all) => all.length >= wanted, what);
      } catch (error) {
        throw new Error(`${error}\n${await compose.logs()}`);
      }
    };

    test('brings up a pipeline whose forecasts of every symbol a client outside sees', async () => {
      await hear(MORE);
      await witness.heard.until(
        (all) => new Set(all.map((one) => one.symbol)).size === SYMBOLS,
        `forecasts of ${SYMBOLS} symbols`,
      );
      expect(witness.breaches).toEqual([]);
    });

    test('learns: a model that it trained is in use', async () => {
      await eventually(async () => expect(await modelsOf(compose.url)).not.toEqual([]));
    });

    test('scales predict to three processes and back while a client listens', async () => {
      await compose.up(['--no-build', '--scale', 'predict=3']);
      await eventually(async () => expect(claimants(await compose.logsOf('predict'))).toBe(3));
      await hear(MORE);
      await compose.up(['--no-build', '--scale', 'predict=1']);
      await hear(MORE);
      expect(witness.breaches).toEqual([]);
    });

    test('killed altogether and brought up again goes on where it was', async () => {
      await compose.kill();
      await compose.up(['--no-build']);
      await hear(MORE);
      expect(witness.breaches).toEqual([]);
      expect(witness.snapshotCount).toBe(1);
    });
  },
);

async function modelsOf(url: string): Promise<readonly unknown[]> {
  const response = await fetch(`${url}/v1/models`);
  return ((await response.json()) as { events: readonly unknown[] }).events;
}

/** How many processes say that they claimed a partition. */
function claimants(logs: string): number {
  const claims = logs.split('\n').filter((line) => line.includes('partition claimed'));
  return new Set(claims.map((line) => line.split('|')[0].trim())).size;
}
